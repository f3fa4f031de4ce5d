namespace MsVit.MLNet;

/// <summary>Changes brightness, contrast and saturation of each image by factors drawn anew, in an order drawn anew.</summary>
/// <remarks>
/// torchvision's ColorJitter without hue: a factor f gives d + f (v - d), d being black, the mean gray of the image, or the gray of the
/// pixel. It needs images of bytes with one or three channels.
/// </remarks>
public sealed record ColorJitter
{
    /// <summary>The factor of brightness; null (the default) leaves it.</summary>
    public FactorRange? Brightness { get; init; }

    /// <summary>The factor of contrast; null (the default) leaves it.</summary>
    public FactorRange? Contrast { get; init; }

    /// <summary>The factor of saturation; null (the default) leaves it.</summary>
    public FactorRange? Saturation { get; init; }

    /// <summary>Names every value that is out of its range.</summary>
    internal IEnumerable<string> Faults()
    {
        foreach (var (name, range) in new[] { (nameof(Brightness), Brightness), (nameof(Contrast), Contrast), (nameof(Saturation), Saturation) })
        {
            if (range is { IsValid: false } wrong)
            {
                yield return $"{name} is from {wrong.Least} to {wrong.Most}; both must be 0 or more, the first not above the second.";
            }
        }
    }
}

/// <summary>A range from which a factor is drawn uniformly; 1 changes nothing.</summary>
/// <param name="Least">0 or more.</param>
/// <param name="Most">At least <paramref name="Least"/>.</param>
public readonly record struct FactorRange(double Least, double Most)
{
    /// <summary>torchvision's short form: from 1 - strength, at least 0, to 1 + strength.</summary>
    public static FactorRange About(double strength) => new(Math.Max(0, 1 - strength), 1 + strength);

    /// <summary>Whether both ends are in their ranges.</summary>
    internal bool IsValid => Least >= 0 && Least <= Most && double.IsFinite(Most);
}
