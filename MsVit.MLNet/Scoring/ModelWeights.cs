using TorchSharp;

namespace MsVit.MLNet;

/// <summary>A model as one file of weights, with its description as metadata; and weights from other programs.</summary>
internal static class ModelWeights
{
    // Python's loaders look for "format".
    private const string FormatKey = "format", Format = "pt", CardKey = "msvit";

    /// <summary>Writes a model.</summary>
    public static void Save(MsVitModel model, Stream stream)
    {
        var metadata = new Dictionary<string, string> { [FormatKey] = Format, [CardKey] = ModelArchive.ToJson(model.Card) };
        SafetensorsWriter.Write(stream, model.Network.state_dict(), metadata);
    }

    /// <summary>Reads a file of <see cref="Save"/>, or weights from another program together with a given card.</summary>
    /// <param name="path">A file of safetensors or of torch.save.</param>
    /// <param name="given">The card, which the file lacks; null for a file of <see cref="Save"/>.</param>
    /// <exception cref="InvalidDataException">
    /// The file cannot be read or does not fit the network; the message names everything that does not fit.
    /// </exception>
    public static MsVitModel Load(string path, ModelCard? given)
    {
        NativeTorch.EnsureLoaded();
        using var file = Read(path);
        var card = given ?? OwnCard(file, path);
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

    private static ModelCard OwnCard(SafetensorsFile file, string path) => file.Metadata.TryGetValue(CardKey, out var json)
        ? ModelArchive.FromJson(json, path)
        : throw new InvalidDataException($"{path} was not written by SaveWeights, so it does not say which network it belongs to. "
            + "Give the options, with the network, the labels and the normalization.");

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
