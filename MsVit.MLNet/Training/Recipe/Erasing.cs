using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>Empties boxes of some images, after normalizing.</summary>
/// <remarks>
/// Zhong, Zheng, Kang, Li and Yang, "Random erasing data augmentation" (AAAI 2020), as timm has it: each box has 0.02 to 1/3 of the area,
/// divided by the number of boxes, and a ratio of height to width of 0.3 to 1/0.3; after ten boxes that do not fit none is erased.
/// </remarks>
public sealed record Erasing
{
    /// <summary>The share of the images of which something is erased, 0 to 1. The default is 0.25.</summary>
    public double Probability { get; init; } = 0.25;

    /// <summary>What a box is filled with. The default is <see cref="ErasingMode.Const"/>, the mean color.</summary>
    public ErasingMode Mode { get; init; } = ErasingMode.Const;

    /// <summary>Boxes of an image, 1 to 100. The default is 1.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Names every value that is out of its range.</summary>
    internal IEnumerable<string> Faults()
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

/// <summary>What an erased box is filled with, after normalizing.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ErasingMode>))]
public enum ErasingMode
{
    /// <summary>0, which is the mean color.</summary>
    Const,

    /// <summary>Noise of mean 0 and deviation 1, drawn for every pixel and channel.</summary>
    Pixel,

    /// <summary>The same noise, one number a channel.</summary>
    Rand,
}
