namespace MsVit.MLNet;

/// <summary>What one layer gives to the next, for one sample and one time step: [C, H, W], its tokens being the H W places.</summary>
/// <param name="Name">The layer that it comes from.</param>
/// <param name="Channels">C.</param>
/// <param name="Height">H.</param>
/// <param name="Width">W.</param>
/// <param name="Kind">What its numbers are.</param>
internal sealed record Activation(string Name, int Channels, int Height, int Width, ActivationKind Kind)
{
    /// <summary>The largest value that spikes or their sums can have; 0 (the default) for everything else.</summary>
    public int Most { get; init; }

    /// <summary>N = H W.</summary>
    public long Tokens => (long)Height * Width;

    /// <summary>C H W.</summary>
    public long Values => Channels * Tokens;

    /// <summary>Height and width over a stride, rounded up.</summary>
    public Activation Strided(int stride) => this with { Height = (Height + stride - 1) / stride, Width = (Width + stride - 1) / stride };
}

/// <summary>What the numbers are that a layer reads.</summary>
internal enum ActivationKind
{
    /// <summary>Normalized pixels of a still image, the same at each time step.</summary>
    Pixels,

    /// <summary>Event counts, one frame a time step.</summary>
    EventCounts,

    /// <summary>0 or 1; up to <see cref="MsVitConfig.Levels"/> with integer neurons.</summary>
    Spikes,

    /// <summary>Sums of spikes over residual connections: small whole numbers.</summary>
    SpikeSums,

    /// <summary>Means over the tokens.</summary>
    Features,
}
