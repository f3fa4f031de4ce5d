using TorchSharp;

namespace MsVit.MLNet;

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
            $"{path} was not written by SaveWeights: it does not say which network its weights are of. Give the options, with the network, the labels and the normalization."));
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

    private static SafetensorsFile Read(string path)
    {
        Span<byte> beginning = stackalloc byte[4];
        using (var file = File.OpenRead(path))
        {
            beginning = beginning[..file.ReadAtLeast(beginning, beginning.Length, throwOnEndOfStream: false)];
        }
        return PyTorchReader.Recognizes(beginning) ? PyTorchReader.Read(path) : SafetensorsReader.Read(path);
    }
}
