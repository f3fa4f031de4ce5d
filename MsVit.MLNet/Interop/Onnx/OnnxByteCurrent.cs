namespace MsVit.MLNet;

/// <summary>The range of a layer's currents, with 0 inside, for eight bits.</summary>
internal readonly record struct CurrentRange
{
    private const float SmallestWidth = 1e-6f;

    /// <param name="low">The lowest current; above 0 it counts as 0.</param>
    /// <param name="high">The highest current; below 0 it counts as 0.</param>
    public CurrentRange(float low, float high) => (Low, High) = (Math.Min(low, 0), Math.Max(high, 0));

    public float Low { get; }

    public float High { get; }

    /// <summary>The range of the negated currents.</summary>
    public CurrentRange Negative => new(-High, -Low);

    /// <summary>The value of one step of eight bits.</summary>
    public float Scale => Math.Max(High - Low, SmallestWidth) / byte.MaxValue;

    /// <summary>The byte that stands for 0.</summary>
    public byte Zero => (byte)MathF.Round(-Low / Scale);

    /// <summary>The range that contains both.</summary>
    public CurrentRange Join(CurrentRange other) => new(Math.Min(Low, other.Low), Math.Max(High, other.High));
}

/// <summary>Currents in eight bits: (byte - Zero) * Scale.</summary>
/// <param name="Name">The tensor.</param>
/// <param name="Scale">The value of one step.</param>
/// <param name="Zero">The byte that stands for 0.</param>
/// <param name="IsNegative">Whether the currents are negated.</param>
internal readonly record struct OnnxByteCurrent(string Name, float Scale, byte Zero, bool IsNegative)
{
    /// <summary>A slice of the currents in float32, times a factor.</summary>
    public string Widen(OnnxGraph graph, string name, string part, double factor = 1) =>
        graph.Node(name, "DequantizeLinear", [part, graph.Constant((float)(Scale * factor)), graph.Byte(Zero)]);
}
