using System.Diagnostics.CodeAnalysis;
using Webhooks.Domain;

namespace Webhooks.Delivery.Dispatch;

/// <summary>
/// The lanes of this node. One without deliveries is kept for what is known of its receiver, until there are many lanes and
/// it was not used for a while. Guarded by the pump's lock.
/// </summary>
internal sealed class Lanes(PumpPolicy policy, Slots slots)
{
    private const int ManyLanes = 4096;

    private readonly Dictionary<CompanyId, CompanyLanes> _companies = [];

    // Each lane once, in the order in which it will be looked at.
    private readonly Queue<Lane> _looks = new();

    public int Count => _looks.Count;
    public IReadOnlyCollection<Lane> All => _looks;

    public bool TryFind(CompanyId company, WebhookId webhook, [NotNullWhen(true)] out Lane? lane)
    {
        lane = null;
        return _companies.TryGetValue(company, out var lanes) && lanes.Lanes.TryGetValue(webhook, out lane);
    }

    /// <param name="window">Of a lane that is new.</param>
    public Lane Of(CompanyId company, WebhookId webhook, int window = Lane.Unknown)
    {
        if (TryFind(company, webhook, out var lane))
        {
            lane.WasUsed = true;
            return lane;
        }

        ForgetUnused();
        if (!_companies.TryGetValue(company, out var lanes))
        {
            _companies.Add(company, lanes = new CompanyLanes(company));
        }

        lane = new Lane(lanes, webhook, window) { Limits = policy.LimitsOf(company, webhook), WasUsed = true };
        lanes.Lanes.Add(webhook, lane);
        _looks.Enqueue(lane);
        return lane;
    }

    public IReadOnlyCollection<Lane> OfCompany(CompanyId company) => _companies.TryGetValue(company, out var lanes) ? lanes.Lanes.Values : [];

    // Two looks for each new lane: their number follows the number of those in use.
    private void ForgetUnused()
    {
        for (var looks = _looks.Count < ManyLanes ? 0 : 2; looks > 0; looks--)
        {
            var lane = _looks.Dequeue();
            if (lane.WasUsed || lane.InMemory > 0 || lane.IsBehind || !lane.Pacer.IsAtRest(slots.Now))
            {
                lane.WasUsed = false;
                _looks.Enqueue(lane);
            }
            else
            {
                lane.Company.Lanes.Remove(lane.Webhook);
                if (lane.Company.Lanes.Count == 0)
                {
                    _companies.Remove(lane.Company.Id);
                }
            }
        }
    }
}
