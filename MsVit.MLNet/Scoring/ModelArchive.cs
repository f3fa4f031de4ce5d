using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.ML;
using TorchSharp;

namespace MsVit.MLNet;

/// <summary>Saves a model in ML.NET's zip and loads it: weights as safetensors, the rest as JSON, both with a hash.</summary>
internal static class ModelArchive
{
    /// <summary>The name under which ML.NET finds the loader; at most 24 characters.</summary>
    public const string LoaderSignature = "MsVitTransformer";

    private const string WeightsEntry = "Network.safetensors";
    private const string OnnxEntry = "Network.onnx";
    private const string CardEntry = "Model.json";
    private const int HashBytes = 32;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    // 0x00010001: a torch network; 0x00010002: an ONNX model. Each is written as what it is, so that earlier versions of this library
    // read the first, and reject the second in words.
    private const uint TorchVersion = 0x00010001, OnnxVersion = 0x00010002;

    private static VersionInfo Version(uint version) => new(
        modelSignature: "MSVITNET",
        verWrittenCur: version,
        verReadableCur: version,
        verWeCanReadBack: TorchVersion,
        loaderAssemblyName: typeof(ModelArchive).Assembly.FullName!,
        loaderSignature: LoaderSignature);

    /// <summary>Saves a model.</summary>
    public static void Save(IScorer model, ModelSaveContext context)
    {
        if (!context.InRepository)
        {
            throw new NotSupportedException("An MsVit model can only be saved into a zip, as mlContext.Model.Save does.");
        }
        context.CheckAtModel();
        if (model is OnnxModel onnx)
        {
            SaveOnnx(onnx, context);
        }
        else
        {
            SaveTorch((MsVitModel)model, context);
        }
    }

    /// <summary>Loads a model onto the CPU.</summary>
    /// <exception cref="InvalidDataException">It is damaged or incomplete; the message says what is wrong.</exception>
    public static IScorer Load(ModelLoadContext context)
    {
        if (!context.InRepository)
        {
            throw new NotSupportedException("An MsVit model can only be loaded from a zip, as mlContext.Model.Load does.");
        }
        context.CheckAtModel(Version(OnnxVersion));
        return context.Header.ModelVerWritten == OnnxVersion ? LoadOnnx(context) : LoadTorch(context);
    }

    private static void SaveOnnx(OnnxModel model, ModelSaveContext context)
    {
        context.SetVersionInfo(Version(OnnxVersion));

        // *** Binary format ***
        // byte[32]: SHA-256 of Network.onnx, which has the card in it
        context.SaveBinaryStream(OnnxEntry, writer => writer.Write(model.Bytes));
        context.Writer.Write(SHA256.HashData(model.Bytes));
    }

    private static void SaveTorch(MsVitModel model, ModelSaveContext context)
    {
        context.SetVersionInfo(Version(TorchVersion));

        // *** Binary format ***
        // byte[32]: SHA-256 of Model.json
        // byte[32]: SHA-256 of Network.safetensors
        var card = Encoding.UTF8.GetBytes(ToJson(model.Card));
        context.SaveBinaryStream(CardEntry, writer => writer.Write(card));
        var weightsHash = Array.Empty<byte>();
        context.SaveBinaryStream(WeightsEntry, writer =>
        {
            using var sha = SHA256.Create();
            using (var hashing = new CryptoStream(writer.BaseStream, sha, CryptoStreamMode.Write, leaveOpen: true))
            {
                NetworkWeights.Save(model.Network, hashing);
            }
            weightsHash = sha.Hash!;
        });
        context.Writer.Write(SHA256.HashData(card));
        context.Writer.Write(weightsHash);
    }

    private static OnnxModel LoadOnnx(ModelLoadContext context)
    {
        var hash = context.Reader.ReadBytes(HashBytes);
        var model = Array.Empty<byte>();
        Find(context, OnnxEntry, stream => model = ReadAll(stream, OnnxEntry, hash));
        return new(model, OnnxEntry);
    }

    private static MsVitModel LoadTorch(ModelLoadContext context)
    {
        var cardHash = context.Reader.ReadBytes(HashBytes);
        var weightsHash = context.Reader.ReadBytes(HashBytes);

        ModelCard? card = null;
        Find(context, CardEntry, stream => card = ReadCard(stream, cardHash));
        NativeTorch.EnsureLoaded();
        var network = new MsVitNetwork(card!.Network);
        try
        {
            Find(context, WeightsEntry, stream =>
            {
                if (!SHA256.HashData(stream).AsSpan().SequenceEqual(weightsHash))
                {
                    throw Damaged(WeightsEntry, "its SHA-256 differs from the saved one");
                }
                stream.Position = 0;
                NetworkWeights.Load(network, stream, WeightsEntry);
            });
            return new MsVitModel(network, card, torch.CPU);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static void Find(ModelLoadContext context, string entry, Action<Stream> read)
    {
        if (!context.TryLoadBinaryStream(entry, reader => read(reader.BaseStream)))
        {
            throw Damaged(entry, "it is missing from the zip");
        }
    }

    private static ModelCard ReadCard(Stream stream, byte[] hash) =>
        FromJson(Encoding.UTF8.GetString(ReadAll(stream, CardEntry, hash)), CardEntry);

    private static byte[] ReadAll(Stream stream, string entry, byte[] hash)
    {
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        var bytes = memory.ToArray();
        return SHA256.HashData(bytes).AsSpan().SequenceEqual(hash)
            ? bytes
            : throw Damaged(entry, "its SHA-256 differs from the saved one");
    }

    /// <summary>Writes a card as JSON.</summary>
    public static string ToJson(ModelCard card) => JsonSerializer.Serialize(card, Json);

    /// <summary>Reads a card from <see cref="ToJson"/>.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="InvalidDataException">It is damaged; the message says what is wrong.</exception>
    public static ModelCard FromJson(string json, string source)
    {
        try
        {
            var card = JsonSerializer.Deserialize<ModelCard>(json, Json) ?? throw Damaged(source, "it is empty");
            card.Network.Validate();
            if (card.Labels.Fault() is { } fault)
            {
                throw Damaged(source, fault);
            }
            return card;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or NotSupportedException)
        {
            throw Damaged(source, e.Message, e);
        }
    }

    private static InvalidDataException Damaged(string entry, string fault, Exception? cause = null) =>
        new($"The MsVit model is damaged or was modified: {entry}: {fault}. Save it again from the application that trained it.", cause);
}
