using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>How an image or event frames become the network's input: the same in training and scoring, and saved with the model.</summary>
internal sealed record InputConfig
{
    /// <summary>Rows of the network's input, H.</summary>
    public required int Height { get; init; }

    /// <summary>Columns of the network's input, W.</summary>
    public required int Width { get; init; }

    /// <summary>Planes of the network's input, C: 3 for red, green and blue, 1 for gray; any number for pixel vectors.</summary>
    public required int Channels { get; init; }

    /// <summary>How an image of another shape is fitted to H x W.</summary>
    public required ImageFit Fit { get; init; }

    /// <summary>
    /// With <see cref="ImageFit.CenterCrop"/>, the share of the covering size that is kept on each axis: above 0, at most 1. The default,
    /// 1, also holds for models saved without it.
    /// </summary>
    public double CropShare { get; init; } = 1;

    /// <summary>The mean of each channel after division by <see cref="PixelRange"/>.</summary>
    public required IReadOnlyList<float> Mean { get; init; }

    /// <summary>The standard deviation of each channel after division by <see cref="PixelRange"/>.</summary>
    public required IReadOnlyList<float> Deviation { get; init; }

    /// <summary>The value of a pixel that counts as 1.</summary>
    public required float PixelRange { get; init; }

    /// <summary>The most pixels that an image may have.</summary>
    public required int MaxPixels { get; init; }

    /// <summary>
    /// T of event frames [T, C, H, W], which enter the network unchanged: none of the fitting and normalization above applies to them.
    /// 0 for images.
    /// </summary>
    public int TimeSteps { get; init; }

    /// <summary>Whether the network takes event frames.</summary>
    [JsonIgnore]
    public bool IsFrames => TimeSteps > 0;

    /// <summary>The shape of a stored sample of a column.</summary>
    public SampleShape Shape(InputColumn column) => new(Channels, Height, Width, column.IsFloat) { TimeSteps = TimeSteps };

    /// <summary>Resizes images to the network's input.</summary>
    public ImageFitter Fitter() => new(Height, Width, Channels, Fit, cropFraction: CropShare);
}
