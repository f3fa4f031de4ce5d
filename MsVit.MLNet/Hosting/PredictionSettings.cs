namespace MsVit.MLNet.Hosting;

/// <summary>What a prediction should hold.</summary>
public sealed record PredictionSettings
{
    /// <summary>How many of the likeliest classes to name, 1 or more; all where there are fewer. The default is 5.</summary>
    public int Top { get; init; } = 5;

    /// <summary>Whether to look into the network as well: firing rates, spikes, attention, energy. Such a request is computed by itself. The default is false.</summary>
    public bool Insight { get; init; }
}
