namespace MsVit.MLNet;

/// <summary>A color of three levels, 0..255.</summary>
internal readonly record struct Rgb(float R, float G, float B)
{
    /// <summary>0.299 R + 0.587 G + 0.114 B.</summary>
    public float Luma => (0.299f * R) + (0.587f * G) + (0.114f * B);

    /// <summary>Any color, each equally likely.</summary>
    public static Rgb Draw(ref RandomStream random) => Near(default, 0, 255, ref random);

    /// <summary>A color whose levels each differ from another's by something in a range, cut at 0 and 255.</summary>
    public static Rgb Near(Rgb other, float min, float max, ref RandomStream random) => new(
        Math.Clamp(other.R + random.NextSingle(min, max), 0, 255),
        Math.Clamp(other.G + random.NextSingle(min, max), 0, 255),
        Math.Clamp(other.B + random.NextSingle(min, max), 0, 255));

    /// <summary>The color a share of the way towards another.</summary>
    public Rgb Towards(Rgb other, float share) =>
        new(R + ((other.R - R) * share), G + ((other.G - G) * share), B + ((other.B - B) * share));
}
