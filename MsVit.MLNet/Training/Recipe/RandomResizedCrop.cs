namespace MsVit.MLNet;

/// <summary>A crop of random size and proportions, resized to the network's input. The defaults are those for ImageNet.</summary>
/// <remarks>
/// Szegedy et al., "Going deeper with convolutions" (CVPR 2015), as torchvision has it: up to ten tries of area x share, share uniform,
/// and ratio of width to height, uniform in its logarithm; then the largest crop in the middle that keeps within the ratios.
/// It needs images of bytes.
/// </remarks>
public sealed record RandomResizedCrop
{
    /// <summary>The least share of the area, above 0, at most <see cref="MostArea"/>. The default is 0.08.</summary>
    public double LeastArea { get; init; } = 0.08;

    /// <summary>The largest share of the area, at most 1. The default is 1.</summary>
    public double MostArea { get; init; } = 1;

    /// <summary>The least ratio of width to height, above 0, at most <see cref="MostRatio"/>. The default is 3/4.</summary>
    public double LeastRatio { get; init; } = 3.0 / 4;

    /// <summary>The largest ratio of width to height. The default is 4/3.</summary>
    public double MostRatio { get; init; } = 4.0 / 3;

    /// <summary>The kernel of the resize. The default is bicubic.</summary>
    public ImageFilter Filter { get; init; } = ImageFilter.Bicubic;

    /// <summary>Names every value that is out of its range.</summary>
    internal IEnumerable<string> Faults()
    {
        if (!(LeastArea > 0 && LeastArea <= MostArea && MostArea <= 1))
        {
            yield return $"LeastArea is {LeastArea} and MostArea {MostArea}; they must be above 0 and at most 1, the first not above the second.";
        }
        if (!(LeastRatio > 0 && LeastRatio <= MostRatio && double.IsFinite(MostRatio)))
        {
            yield return $"LeastRatio is {LeastRatio} and MostRatio {MostRatio}; they must be above 0, the first not above the second.";
        }
        if (!Enum.IsDefined(Filter))
        {
            yield return $"Filter is {Filter}; it must be Bicubic or Bilinear.";
        }
    }
}
