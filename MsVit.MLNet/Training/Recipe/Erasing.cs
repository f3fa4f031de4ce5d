using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>Erases boxes of some images, after normalization.</summary>
/// <remarks>
/// Zhong, Zheng, Kang, Li and Yang, "Random erasing data augmentation" (AAAI 2020), as in timm. Each box covers 0.02 to 1/3 of the area,
/// divided by the number of boxes, and its ratio of height to width is 0.3 to 1/0.3. After ten boxes that do not fit, none is erased.
/// </remarks>
public sealed record Erasing
{
    /// <summary>The share of the images in which boxes are erased, 0 to 1. The default is 0.25.</summary>
    public double Probability { get; init; } = 0.25;

    /// <summary>What fills a box. The default is <see cref="ErasingMode.Const"/>, the mean color.</summary>
    public ErasingMode Mode { get; init; } = ErasingMode.Const;

    /// <summary>Boxes per image, 1 to 100. The default is 1.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Lists every value that is out of range.</summary>
    internal IEnumerable<string> ValidationErrors()
    {
        if (!(Probability is >= 0 and <= 1))
        {
            yield return $"Probability is {Probability}; it must be from 0 to 1.";
        }
        if (!Enum.IsDefined(Mode))
        {
            yield return $"Mode is {Mode}; it must be Const, Pixel or Rand.";
        }
        if (Count is < 1 or > 100)
        {
            yield return $"Count is {Count}; it must be from 1 to 100.";
        }
    }
}

/// <summary>What fills an erased box, after normalization.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ErasingMode>))]
public enum ErasingMode
{
    /// <summary>0, which is the mean color.</summary>
    Const,

    /// <summary>Normal noise with mean 0 and standard deviation 1, drawn for every pixel and channel.</summary>
    Pixel,

    /// <summary>The same noise, one value per channel.</summary>
    Rand,
}
