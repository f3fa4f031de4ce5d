using System.Buffers;

namespace MsVit.MLNet;

/// <summary>Augments one image in one epoch, before mixing: crop, mirror, color jitter, RandAugment.</summary>
internal sealed class ImageAugmentation : ISampleAugmentation
{
    private readonly ImageRecipe _recipe;
    private readonly ImageShape _shape;
    private readonly PaddedCropFlip _paddedCrop;
    private readonly ResizedCrop? _resizedCrop;
    private readonly RandomOperations? _operations;
    private readonly ImageFitter? _fitter;

    /// <param name="recipe">What to do.</param>
    /// <param name="shape">The shape of a sample.</param>
    /// <param name="fill">The level of each channel outside of rotated, sheared and shifted images.</param>
    /// <param name="fitter">Resizes decoded images if the recipe does not crop them; takes their middle by default.</param>
    /// <exception cref="ArgumentException">The recipe cannot be applied to these samples.</exception>
    public ImageAugmentation(ImageRecipe recipe, SampleShape shape, byte[] fill, ImageFitter? fitter = null)
    {
        if (Fault(recipe, shape) is { } fault)
        {
            throw new ArgumentException(fault, nameof(recipe));
        }
        _recipe = recipe;
        _shape = ImageShape.Of(shape);
        _paddedCrop = new(recipe.CropPadding, recipe.HorizontalFlip);
        _resizedCrop = recipe.RandomResizedCrop is { } crop ? new(crop, _shape) : null;
        _operations = recipe.RandAugment is { } policy ? new(policy, new(recipe.Warp, fill)) : null;
        _fitter = fitter ?? (shape is { IsFloat: false, Channels: 1 or 3 } ? new(shape.Height, shape.Width, shape.Channels) : null);
    }

    /// <inheritdoc/>
    public bool IsIdentity => _resizedCrop is null && _paddedCrop.IsIdentity && _recipe.ColorJitter is null && _operations is null;

    /// <summary>Whether it crops the image as it was before it was resized to the input.</summary>
    public bool CropsOriginals => _resizedCrop is not null;

    /// <summary>Why a recipe cannot be applied to samples; null if it can.</summary>
    public static string? Fault(ImageRecipe recipe, SampleShape shape)
    {
        string[] needing =
        [
            .. recipe.RandomResizedCrop is null ? [] : new[] { nameof(recipe.RandomResizedCrop) },
            .. recipe.ColorJitter is null ? [] : new[] { nameof(recipe.ColorJitter) },
            .. recipe.RandAugment is null ? [] : new[] { nameof(recipe.RandAugment) },
        ];
        var names = string.Join(", ", needing.Select(name => "Images." + name));
        return needing.Length == 0 ? null
            : shape.IsFloat
                ? $"{names} needs pixels as bytes, but these are vectors of floats. Use a column of images or encoded files, or omit it."
            : shape.Channels is not (1 or 3)
                ? $"{names} needs images of 1 (gray) or 3 channels; these have {shape.Channels}. Omit it."
            : null;
    }

    /// <summary>The fill color of the published recipes: the mean of each channel, rounded.</summary>
    public static byte[] MeanColor(PixelNormalization normalization)
    {
        var levels = normalization.Mean.Select(mean => Math.Round(mean * (double)normalization.Range));
        return [.. levels.Select(level => (byte)Math.Clamp(level, byte.MinValue, byte.MaxValue))];
    }

    /// <inheritdoc/>
    public SampleShape Result(SampleShape shape) => shape;

    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<byte> source, SampleShape shape, Span<byte> target, ref RandomStream random)
    {
        if (_resizedCrop is null)
        {
            _paddedCrop.Apply(source, shape, target, ref random);
        }
        else
        {
            _resizedCrop.Apply(source, target, ref random);
            Mirror(target, ref random);
        }
        ChangeColors(target, ref random);
    }

    /// <summary>Augments a decoded image of any size.</summary>
    /// <param name="source">The image.</param>
    /// <param name="target">[C, H, W] of bytes.</param>
    /// <param name="random">The sample's own stream.</param>
    /// <exception cref="InvalidOperationException">Samples are floats.</exception>
    public void Apply(RgbImage source, Span<byte> target, ref RandomStream random)
    {
        if (_resizedCrop is not null)
        {
            _resizedCrop.Apply(source, target, ref random);
            Mirror(target, ref random);
        }
        else
        {
            var fitter = _fitter
                ?? throw new InvalidOperationException("A decoded image becomes bytes of 1 or 3 channels; these samples are different.");
            var rented = ArrayPool<byte>.Shared.Rent(_shape.Length);
            var fitted = rented.AsSpan(0, _shape.Length);
            fitter.Fit(source, fitted);
            _paddedCrop.Apply<byte>(fitted, target, _shape.Height, _shape.Width, ref random);
            ArrayPool<byte>.Shared.Return(rented);
        }
        ChangeColors(target, ref random);
    }

    private void Mirror(Span<byte> image, ref RandomStream random)
    {
        if (random.NextInt(2) == 0 || !_recipe.HorizontalFlip)
        {
            return;
        }
        for (var start = 0; start < _shape.Length; start += _shape.Width)
        {
            image.Slice(start, _shape.Width).Reverse();
        }
    }

    private void ChangeColors(Span<byte> image, ref RandomStream random)
    {
        if (_recipe.ColorJitter is { } jitter)
        {
            Jitter.Apply(jitter, image, _shape, ref random);
        }
        _operations?.Apply(image, _shape, ref random);
    }
}
