using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>How still images are augmented and mixed in training. The defaults are a padded crop and a flip.</summary>
/// <remarks>
/// In this order: per sample the resized or the padded crop, mirrored, colors jittered, RandAugment; per batch mixed; then normalized, and
/// boxes erased. For CIFAR the paper takes padding 0, rand-m9-n1-mstd0.4-inc1, mixing with alpha 0.5 up to epoch 200, and erasing with the mean
/// color; for ImageNet a resized crop, rand-m9-mstd0.5-inc1, and erasing with noise for every pixel.
/// </remarks>
public sealed record ImageRecipe
{
    /// <summary>A crop of random size instead of the padded one; null (the default) for none.</summary>
    public RandomResizedCrop? RandomResizedCrop { get; init; }

    /// <summary>
    /// Pixels of zero padding on each side from which a crop of the input size is drawn, 0 for none; not used with
    /// <see cref="RandomResizedCrop"/>. The default is 4.
    /// </summary>
    public int CropPadding { get; init; } = 4;

    /// <summary>Whether half of the samples, drawn anew each epoch, are mirrored left to right. The default is true.</summary>
    public bool HorizontalFlip { get; init; } = true;

    /// <summary>Changes of brightness, contrast and saturation; null (the default) for none.</summary>
    public ColorJitter? ColorJitter { get; init; }

    /// <summary>Operations drawn for each image; null (the default) for none.</summary>
    public RandAugment? RandAugment { get; init; }

    /// <summary>How <see cref="RandAugment"/> turns, shears and moves. The default is bicubic.</summary>
    public WarpFilter Warp { get; init; } = WarpFilter.Bicubic;

    /// <summary>Boxes erased after normalizing; null (the default) for none.</summary>
    public Erasing? Erasing { get; init; }

    /// <summary>How the samples of a batch are mixed; null (the default) for not at all.</summary>
    public Mixing? Mixing { get; init; }

    /// <summary>Names every value that is out of its range.</summary>
    internal IEnumerable<string> Faults()
    {
        if (CropPadding < 0)
        {
            yield return $"CropPadding is {CropPadding}; it must be 0 or more.";
        }
        if (!Enum.IsDefined(Warp))
        {
            yield return $"Warp is {Warp}; it must be Bicubic, Bilinear or Nearest.";
        }
        (string Name, IEnumerable<string>? Faults)[] parts =
        [
            (nameof(RandomResizedCrop), RandomResizedCrop?.Faults()), (nameof(ColorJitter), ColorJitter?.Faults()),
            (nameof(RandAugment), RandAugment?.Faults()), (nameof(Erasing), Erasing?.Faults()), (nameof(Mixing), Mixing?.Faults()),
        ];
        foreach (var (name, faults) in parts)
        {
            foreach (var fault in faults ?? [])
            {
                yield return $"{name}.{fault}";
            }
        }
    }
}

/// <summary>How a pixel between those of the source is computed when an image is turned, sheared or moved. Nothing is antialiased.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WarpFilter>))]
public enum WarpFilter
{
    /// <summary>Cubic convolution with a = -1 over four by four pixels; a resize takes -0.5.</summary>
    Bicubic,

    /// <summary>Linear between two by two pixels.</summary>
    Bilinear,

    /// <summary>The pixel that covers the place.</summary>
    Nearest,
}
