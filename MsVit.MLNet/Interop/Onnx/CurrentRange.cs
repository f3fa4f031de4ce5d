namespace MsVit.MLNet;

/// <summary>Between what the currents of a layer lie, 0 included, for eight bits.</summary>
internal readonly record struct CurrentRange
{
    private const float Least = 1e-6f;

    /// <param name="low">0 or below.</param>
    /// <param name="high">0 or above.</param>
    public CurrentRange(float low, float high) => (Low, High) = (Math.Min(low, 0), Math.Max(high, 0));

    public float Low { get; }

    public float High { get; }

    /// <summary>The range of the currents with the opposite sign.</summary>
    public CurrentRange Negative => new(-High, -Low);

    /// <summary>One step of eight bits.</summary>
    public float Scale => Math.Max(High - Low, Least) / byte.MaxValue;

    /// <summary>What 0 is.</summary>
    public byte Zero => (byte)MathF.Round(-Low / Scale);

    /// <summary>The range that holds both.</summary>
    public CurrentRange Join(CurrentRange other) => new(Math.Min(Low, other.Low), Math.Max(High, other.High));
}
