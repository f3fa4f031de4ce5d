namespace MsVit.MLNet;

/// <summary>Changes brightness, contrast and saturation of each image by random factors, in random order.</summary>
/// <remarks>
/// torchvision's ColorJitter without hue. A factor f replaces v by d + f (v - d), where d is black for brightness, the image's mean gray
/// for contrast, and the pixel's gray for saturation. Images must be bytes with one or three channels.
/// </remarks>
public sealed record ColorJitter
{
    /// <summary>The factor of brightness; null (the default) leaves brightness unchanged.</summary>
    public FactorRange? Brightness { get; init; }

    /// <summary>The factor of contrast; null (the default) leaves contrast unchanged.</summary>
    public FactorRange? Contrast { get; init; }

    /// <summary>The factor of saturation; null (the default) leaves saturation unchanged.</summary>
    public FactorRange? Saturation { get; init; }

    /// <summary>Lists every value that is out of range.</summary>
    internal IEnumerable<string> ValidationErrors()
    {
        (string Name, FactorRange? Range)[] all =
            [(nameof(Brightness), Brightness), (nameof(Contrast), Contrast), (nameof(Saturation), Saturation)];
        foreach (var (name, range) in all)
        {
            if (range is { IsValid: false } wrong)
            {
                yield return $"{name} is from {wrong.Least} to {wrong.Most}; both must be 0 or more, the first at most the second.";
            }
        }
    }
}

/// <summary>A range from which a factor is drawn uniformly. A factor of 1 changes nothing.</summary>
/// <param name="Least">0 or more.</param>
/// <param name="Most">At least <paramref name="Least"/>.</param>
public readonly record struct FactorRange(double Least, double Most)
{
    /// <summary>torchvision's short form: from 1 - strength, but at least 0, to 1 + strength.</summary>
    public static FactorRange About(double strength) => new(Math.Max(0, 1 - strength), 1 + strength);

    /// <summary>Whether both ends are in range.</summary>
    internal bool IsValid => Least >= 0 && Least <= Most && double.IsFinite(Most);
}
