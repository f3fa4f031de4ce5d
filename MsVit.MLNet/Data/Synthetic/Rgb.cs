namespace MsVit.MLNet;

/// <summary>An RGB color with levels 0..255.</summary>
internal readonly record struct Rgb(float R, float G, float B)
{
    /// <summary>0.299 R + 0.587 G + 0.114 B.</summary>
    public float Luma => (0.299f * R) + (0.587f * G) + (0.114f * B);

    /// <summary>A uniformly random color.</summary>
    public static Rgb Draw(ref RandomStream random) => Near(default, 0, 255, ref random);

    /// <summary>A color whose levels each differ from another color's by a random amount in a range, clamped to 0..255.</summary>
    public static Rgb Near(Rgb other, float min, float max, ref RandomStream random) => new(
        Math.Clamp(other.R + random.NextSingle(min, max), 0, 255),
        Math.Clamp(other.G + random.NextSingle(min, max), 0, 255),
        Math.Clamp(other.B + random.NextSingle(min, max), 0, 255));

    /// <summary>Interpolates towards another color.</summary>
    public Rgb Towards(Rgb other, float share) =>
        new(R + ((other.R - R) * share), G + ((other.G - G) * share), B + ((other.B - B) * share));
}
