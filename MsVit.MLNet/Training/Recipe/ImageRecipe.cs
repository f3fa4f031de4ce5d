using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>How images are augmented and mixed in training. The defaults are a padded crop and a flip.</summary>
/// <remarks>
/// Each sample is cropped (resized or padded), flipped, jittered in color and changed by RandAugment; then the batch is mixed, normalized,
/// and boxes are erased. For CIFAR the paper uses padding 0, rand-m9-n1-mstd0.4-inc1, mixing with alpha 0.5 up to epoch 200, and erasing
/// with the mean color; for ImageNet a resized crop, rand-m9-mstd0.5-inc1, and erasing with noise for every pixel.
/// </remarks>
public sealed record ImageRecipe
{
    /// <summary>A crop of random size instead of the padded crop; null (the default) for none.</summary>
    public RandomResizedCrop? RandomResizedCrop { get; init; }

    /// <summary>
    /// Pixels of zero padding on each side before a crop of the input size is drawn; 0 for none. Not used with
    /// <see cref="RandomResizedCrop"/>. The default is 4.
    /// </summary>
    public int CropPadding { get; init; } = 4;

    /// <summary>Whether a random half of the samples is mirrored left to right in each epoch. The default is true.</summary>
    public bool HorizontalFlip { get; init; } = true;

    /// <summary>Random changes of brightness, contrast and saturation; null (the default) for none.</summary>
    public ColorJitter? ColorJitter { get; init; }

    /// <summary>Random operations for each image; null (the default) for none.</summary>
    public RandAugment? RandAugment { get; init; }

    /// <summary>The interpolation when <see cref="RandAugment"/> rotates, shears and shifts. The default is bicubic.</summary>
    public WarpFilter Warp { get; init; } = WarpFilter.Bicubic;

    /// <summary>Boxes that are erased after normalization; null (the default) for none.</summary>
    public Erasing? Erasing { get; init; }

    /// <summary>How the samples of a batch are mixed; null (the default) for not at all.</summary>
    public Mixing? Mixing { get; init; }

    /// <summary>Lists every value that is out of range.</summary>
    internal IEnumerable<string> ValidationErrors()
    {
        if (CropPadding < 0)
        {
            yield return $"CropPadding is {CropPadding}; it must be 0 or more.";
        }
        if (!Enum.IsDefined(Warp))
        {
            yield return $"Warp is {Warp}; it must be Bicubic, Bilinear or Nearest.";
        }
        (string Name, IEnumerable<string>? Errors)[] parts =
        [
            (nameof(RandomResizedCrop), RandomResizedCrop?.ValidationErrors()),
            (nameof(ColorJitter), ColorJitter?.ValidationErrors()),
            (nameof(RandAugment), RandAugment?.ValidationErrors()),
            (nameof(Erasing), Erasing?.ValidationErrors()),
            (nameof(Mixing), Mixing?.ValidationErrors()),
        ];
        foreach (var (name, errors) in parts)
        {
            foreach (var error in errors ?? [])
            {
                yield return $"{name}.{error}";
            }
        }
    }
}

/// <summary>How pixels are interpolated when an image is rotated, sheared or shifted. There is no antialiasing.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WarpFilter>))]
public enum WarpFilter
{
    /// <summary>Cubic convolution with a = -1 over four by four pixels; resizing uses a = -0.5.</summary>
    Bicubic,

    /// <summary>Linear interpolation between two by two pixels.</summary>
    Bilinear,

    /// <summary>The nearest pixel.</summary>
    Nearest,
}
