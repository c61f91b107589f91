namespace Webhooks.Projections.Messages;

/// <summary>A row of read.messages.</summary>
internal sealed record MessageRow(Guid MessageId, Guid CompanyId, string Type, DateTimeOffset EmittedAt, int Size, int MatchedWebhooks);
