using Microsoft.ML.Data;
using MsVit.MLNet.Events;

namespace MsVit.MLNet;

/// <summary>The description of a model that a file of weights from another program lacks.</summary>
public sealed record MsVitWeightsOptions
{
    /// <summary>The network of the weights; if <see cref="Labels"/> is given, its count replaces the number of classes.</summary>
    public required MsVitConfig Network { get; init; }

    /// <summary>The names of the classes, in the order of the scores; null (the default) for numbers from 0.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>
    /// The column that the model reads. Null (the default) means "Frames" for a network that takes event frames, else "Image".
    /// </summary>
    public string? InputColumnName { get; init; }

    /// <summary>
    /// The mean of each channel in training, with pixels from 0 to 1. The default is ImageNet's 0.485, 0.456, 0.406. Not used for event
    /// frames.
    /// </summary>
    public IReadOnlyList<float> Mean { get; init; } = [0.485f, 0.456f, 0.406f];

    /// <summary>The standard deviation of each channel. The default is ImageNet's 0.229, 0.224, 0.225. Not used for event frames.</summary>
    public IReadOnlyList<float> Deviation { get; init; } = [0.229f, 0.224f, 0.225f];

    /// <summary>How an image of another shape is fitted to the network's input. The default is <see cref="ImageFit.CenterCrop"/>.</summary>
    public ImageFit ImageFit { get; init; } = ImageFit.CenterCrop;

    /// <summary>
    /// With <see cref="ImageFit.CenterCrop"/>, the share of the covering size that is kept on each axis: above 0, at most 1. The default
    /// is 1; ImageNet's protocol is 0.875.
    /// </summary>
    public double CropShare { get; init; } = 1;

    /// <summary>The description of the model.</summary>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    internal ModelCard Card()
    {
        var network = Labels is { } labels ? Network with { Classes = labels.Count } : Network;
        network.Validate();
        var frames = network.Input == InputKind.Frames;
        var isNormalizable = Mean.Count == network.Channels && Deviation.Count == network.Channels && Deviation.All(value => value > 0);
        if (!frames && !isNormalizable)
        {
            throw new ArgumentException($"Mean has {Mean.Count} values and Deviation has {Deviation.Count}; "
                + $"the network has {network.Channels} channels, and each deviation must be above 0.");
        }
        if (!(CropShare is > 0 and <= 1))
        {
            throw new ArgumentException($"CropShare is {CropShare}; it must be above 0 and at most 1.");
        }
        if (Labels is { } names && names.Distinct(StringComparer.Ordinal).Count() != names.Count)
        {
            throw new ArgumentException("Labels has the same name twice.");
        }
        var column = InputColumnName ?? (frames ? EventColumns.Frames : ImageColumns.Image);
        ArgumentException.ThrowIfNullOrWhiteSpace(column, nameof(InputColumnName));
        return new()
        {
            Network = network,
            Input = new()
            {
                Height = network.Height,
                Width = network.Width,
                Channels = network.Channels,
                Fit = ImageFit,
                CropShare = CropShare,
                Mean = frames ? [] : Mean,
                Deviation = frames ? [] : Deviation,
                PixelRange = byte.MaxValue,
                MaxPixels = ImageDecoder.DefaultMaxPixels,
                TimeSteps = frames ? network.TimeSteps : 0,
            },
            Labels = Labels is { } texts
                ? new(texts.Count, TextDataViewType.Instance.ToString()!, texts)
                : new(network.Classes, "", []),
            InputColumnName = column,
            Columns = new("PredictedLabel", "Score"),
            Undecodable = UndecodableImagePolicy.Throw,
            Training = new()
            {
                Recipe = new() { Name = "elsewhere" },
                Seed = 0,
                TrainSamples = 0,
                ValidationSamples = 0,
                EpochsDone = 0,
                BestEpoch = 0,
                ValidationAccuracy = null,
                LibraryVersion = "",
            },
        };
    }
}
