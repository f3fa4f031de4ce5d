namespace MsVit.MLNet;

/// <summary>A crop of random size and proportions, resized to the network's input. The defaults are those for ImageNet.</summary>
/// <remarks>
/// Szegedy et al., "Going deeper with convolutions" (CVPR 2015), as in torchvision: up to ten attempts with a uniform share of the area
/// and a ratio of width to height whose logarithm is uniform; then the largest centered crop whose ratio is in range. Images must be
/// bytes.
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

    /// <summary>The filter that resizes the crop. The default is bicubic.</summary>
    public ImageFilter Filter { get; init; } = ImageFilter.Bicubic;

    /// <summary>Lists every value that is out of range.</summary>
    internal IEnumerable<string> ValidationErrors()
    {
        if (!(LeastArea > 0 && LeastArea <= MostArea && MostArea <= 1))
        {
            yield return $"LeastArea is {LeastArea} and MostArea is {MostArea}; they must be above 0, in this order, and at most 1.";
        }
        if (!(LeastRatio > 0 && LeastRatio <= MostRatio && double.IsFinite(MostRatio)))
        {
            yield return $"LeastRatio is {LeastRatio} and MostRatio is {MostRatio}; they must be above 0, the first at most the second.";
        }
        if (!Enum.IsDefined(Filter))
        {
            yield return $"Filter is {Filter}; it must be Bicubic or Bilinear.";
        }
    }
}
