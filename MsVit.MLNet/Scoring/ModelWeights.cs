using MsVit.MLNet.Data.Images;
using MsVit.MLNet.Interop;
using MsVit.MLNet.Interop.PyTorch;
using MsVit.MLNet.Network;
using MsVit.MLNet.Platform;
using TorchSharp;

namespace MsVit.MLNet.Scoring;

/// <summary>A model as one file of weights, with what it says of itself as their metadata; and weights from elsewhere.</summary>
internal static class ModelWeights
{
    // "format" is what Python's loaders ask for.
    private const string FormatKey = "format", Format = "pt", CardKey = "msvit";

    /// <summary>Writes a model.</summary>
    public static void Save(MsVitModel model, Stream stream) => SafetensorsWriter.Write(
        stream, model.Network.state_dict(), new Dictionary<string, string> { [FormatKey] = Format, [CardKey] = ModelArchive.ToJson(model.Card) });

    /// <summary>Reads what <see cref="Save"/> wrote, or weights from elsewhere of which a card is given.</summary>
    /// <param name="path">A file of safetensors or of torch.save.</param>
    /// <param name="given">What the file does not say; null where it was written by <see cref="Save"/>.</param>
    /// <exception cref="InvalidDataException">It cannot be read, or does not fit the network; the message says all that does not.</exception>
    public static MsVitModel Load(string path, ModelCard? given)
    {
        NativeTorch.EnsureLoaded();
        using var file = Read(path);
        var card = given ?? (file.Metadata.TryGetValue(CardKey, out var json) ? ModelArchive.FromJson(json, path) : throw new InvalidDataException(
            $"{path} was not written by SaveWeights: it does not say which network its weights are of. Give the options, with the network, the labels and the normalisation."));
        var network = new MsVitNetwork(card.Network);
        try
        {
            NetworkWeights.Load(network, file.Tensors, path);
            return new MsVitModel(network, card, torch.CPU);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>The card of weights from elsewhere.</summary>
    /// <exception cref="ArgumentException">The options do not go together.</exception>
    public static ModelCard Card(MsVitWeightsOptions options)
    {
        var network = options.Labels is { } labels ? options.Network with { Classes = labels.Count } : options.Network;
        network.Validate();
        var frames = network.Input == InputKind.Frames;
        if (!frames && (options.Mean.Count != network.Channels || options.Deviation.Count != network.Channels || options.Deviation.Any(deviation => !(deviation > 0))))
        {
            throw new ArgumentException($"Mean has {options.Mean.Count} and Deviation {options.Deviation.Count} values; the network has {network.Channels} channels, and each deviation must be above 0.");
        }
        if (!(options.CropShare is > 0 and <= 1))
        {
            throw new ArgumentException($"CropShare is {options.CropShare}; it must be above 0 and at most 1.");
        }
        if (options.Labels is { } names && names.Distinct(StringComparer.Ordinal).Count() != names.Count)
        {
            throw new ArgumentException("Labels has a name twice.");
        }
        ArgumentException.ThrowIfNullOrWhiteSpace(options.ImageColumnName);
        return new()
        {
            Network = network,
            Input = new()
            {
                Height = network.Height,
                Width = network.Width,
                Channels = network.Channels,
                Fit = options.ImageFit,
                CropShare = options.CropShare,
                Mean = frames ? [] : options.Mean,
                Deviation = frames ? [] : options.Deviation,
                PixelRange = byte.MaxValue,
                MaxPixels = ImageDecoder.DefaultMaxPixels,
                TimeSteps = frames ? network.TimeSteps : 0,
            },
            Labels = options.Labels is { } texts ? new(texts.Count, Microsoft.ML.Data.TextDataViewType.Instance.ToString()!, texts) : new(network.Classes, "", []),
            ImageColumnName = options.ImageColumnName,
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

    private static SafetensorsFile Read(string path)
    {
        Span<byte> beginning = stackalloc byte[4];
        using (var file = File.OpenRead(path))
        {
            beginning = beginning[..file.ReadAtLeast(beginning, beginning.Length, throwOnEndOfStream: false)];
        }
        return PyTorchReader.Recognises(beginning) ? PyTorchReader.Read(path) : SafetensorsReader.Read(path);
    }
}
