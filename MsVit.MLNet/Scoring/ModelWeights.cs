using TorchSharp;

namespace MsVit.MLNet;

/// <summary>A model as one file of weights, with its description as metadata; and weights from other programs.</summary>
internal static class ModelWeights
{
    // Python's loaders look for "format".
    private const string FormatKey = "format", Format = "pt", CardKey = "msvit";

    // A network has at least two classes, also where its head is not used.
    private const int HeadlessClasses = 2;

    /// <summary>Writes a model.</summary>
    public static void Save(MsVitModel model, Stream stream)
    {
        var metadata = new Dictionary<string, string> { [FormatKey] = Format, [CardKey] = ModelArchive.ToJson(model.Card) };
        SafetensorsWriter.Write(stream, model.Network.state_dict(), metadata);
    }

    /// <summary>Writes a model without its head, for training to start from; matrices and filters become bfloat16.</summary>
    /// <remarks>The parameters with one axis, biases and norms, stay as they are: they are few.</remarks>
    public static void SaveHeadless(MsVitModel model, Stream stream)
    {
        using var scope = torch.NewDisposeScope();
        var card = model.Card with
        {
            Network = model.Card.Network with { Classes = HeadlessClasses },
            Labels = new(HeadlessClasses, "", []),
            IsHeadless = true,
        };
        var tensors = model.Network.state_dict().Where(pair => !NetworkWeights.IsOfHead(pair.Key)).ToDictionary(
            pair => pair.Key,
            pair => pair.Value.dim() > 1 && pair.Value.is_floating_point() ? pair.Value.to(torch.bfloat16) : pair.Value);
        SafetensorsWriter.Write(
            stream, tensors, new Dictionary<string, string> { [FormatKey] = Format, [CardKey] = ModelArchive.ToJson(card) });
    }

    /// <summary>Reads a stream of <see cref="SaveHeadless"/>.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="source">What messages call it.</param>
    /// <param name="change">Changes the card, such as the size of the input.</param>
    /// <exception cref="InvalidDataException">It is not such a stream.</exception>
    public static MsVitModel LoadHeadless(Stream stream, string source, Func<ModelCard, ModelCard> change)
    {
        NativeTorch.EnsureLoaded();
        using var file = SafetensorsReader.Read(stream, source);
        return Build(file, change(OwnCard(file.Metadata, source)), source);
    }

    /// <summary>Reads only the card of a file of weights; torch is not loaded.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or was not written by this library.</exception>
    public static ModelCard ReadCard(Func<Stream> open, string source)
    {
        using var stream = open();
        return OwnCard(SafetensorsReader.ReadHeader(stream, source).Metadata, source);
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
        return Build(file, given ?? OwnCard(file.Metadata, path), path);
    }

    private static MsVitModel Build(SafetensorsFile file, ModelCard card, string source)
    {
        var network = new MsVitNetwork(card.Network);
        try
        {
            NetworkWeights.Load(network, file.Tensors, source, card.IsHeadless);
            return new MsVitModel(network, card, torch.CPU);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static ModelCard OwnCard(IReadOnlyDictionary<string, string> metadata, string path) =>
        metadata.TryGetValue(CardKey, out var json) ? ModelArchive.FromJson(json, path)
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
