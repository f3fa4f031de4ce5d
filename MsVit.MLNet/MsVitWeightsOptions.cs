namespace MsVit.MLNet;

/// <summary>What weights from elsewhere do not say of themselves.</summary>
public sealed record MsVitWeightsOptions
{
    /// <summary>The network that the weights are of; its number of classes is that of <see cref="Labels"/> where these are given.</summary>
    public required MsVitConfig Network { get; init; }

    /// <summary>What the classes are called, in the order of the scores; null (the default) for their numbers from 0.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>The column with the images. The default is "Image"; for event frames give theirs, such as "Frames".</summary>
    public string ImageColumnName { get; init; } = "Image";

    /// <summary>The mean of each channel in training, with pixels from 0 to 1. The default is ImageNet's, 0.485, 0.456, 0.406; not used for event frames.</summary>
    public IReadOnlyList<float> Mean { get; init; } = [0.485f, 0.456f, 0.406f];

    /// <summary>The standard deviation of each channel. The default is ImageNet's, 0.229, 0.224, 0.225; not used for event frames.</summary>
    public IReadOnlyList<float> Deviation { get; init; } = [0.229f, 0.224f, 0.225f];

    /// <summary>How an image of another shape is brought to the network's size. The default is <see cref="ImageFit.CenterCrop"/>.</summary>
    public ImageFit ImageFit { get; init; } = ImageFit.CenterCrop;

    /// <summary>With <see cref="ImageFit.CenterCrop"/>, the share of the covering size that is kept, above 0, at most 1. The default is 1; ImageNet's protocol is 0.875.</summary>
    public double CropShare { get; init; } = 1;

    /// <summary>What a model of such weights says of itself.</summary>
    /// <exception cref="ArgumentException">The options do not go together.</exception>
    internal ModelCard Card()
    {
        var network = Labels is { } labels ? Network with { Classes = labels.Count } : Network;
        network.Validate();
        var frames = network.Input == InputKind.Frames;
        if (!frames && (Mean.Count != network.Channels || Deviation.Count != network.Channels || Deviation.Any(deviation => !(deviation > 0))))
        {
            throw new ArgumentException($"Mean has {Mean.Count} and Deviation {Deviation.Count} values; the network has {network.Channels} channels, and each deviation must be above 0.");
        }
        if (!(CropShare is > 0 and <= 1))
        {
            throw new ArgumentException($"CropShare is {CropShare}; it must be above 0 and at most 1.");
        }
        if (Labels is { } names && names.Distinct(StringComparer.Ordinal).Count() != names.Count)
        {
            throw new ArgumentException("Labels has a name twice.");
        }
        ArgumentException.ThrowIfNullOrWhiteSpace(ImageColumnName);
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
            Labels = Labels is { } texts ? new(texts.Count, Microsoft.ML.Data.TextDataViewType.Instance.ToString()!, texts) : new(network.Classes, "", []),
            ImageColumnName = ImageColumnName,
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
