namespace Webhooks.Domain;

/// <summary>Something that happened, in the past tense; what the log holds. Its durable name stands in <see cref="FactCatalogue"/>.</summary>
public abstract record Fact;
