using System.Text.Json;
using Webhooks.Domain.Endpoints;

namespace Webhooks.Domain.Tests.Endpoints;

public class DeliveryLimitsTests
{
    [Fact]
    public void They_are_stored_by_name_and_left_out_where_there_are_none()
    {
        var plain = ((WebhookCreated)Facts.FactSamples.ByName["webhook.created.v1"]).Configuration;
        Assert.DoesNotContain("limits", JsonSerializer.Serialize(plain, FactJson.Instance.WebhookConfiguration), StringComparison.Ordinal);

        var limited = plain with { Limits = new DeliveryLimits(null, new RateLimit(100, RatePeriod.Minute)) };
        var json = JsonSerializer.Serialize(limited, FactJson.Instance.WebhookConfiguration);
        Assert.Contains("""
            "limits":{"rate":{"count":100,"per":"minute"}}
            """.Trim(), json, StringComparison.Ordinal);
        Assert.Equal(limited, JsonSerializer.Deserialize(json, FactJson.Instance.WebhookConfiguration));
    }

    [Fact]
    public void A_webhook_with_limits_of_its_own_is_served_by_one_node()
    {
        var plain = ((WebhookCreated)Facts.FactSamples.ByName["webhook.created.v1"]).Configuration;
        Assert.False(plain.IsPinned);
        Assert.True((plain with { Limits = new DeliveryLimits(1, null) }).IsPinned);
    }
}
