using Google.Protobuf;

namespace MsVit.MLNet;

/// <summary>What an ONNX file says about itself, read without ONNX Runtime.</summary>
/// <remarks>
/// Only the outermost message is read; field numbers are those of onnx.proto. ONNX Runtime checks the graph itself.
/// </remarks>
internal static class OnnxFile
{
    /// <summary>The program that wrote a file, as its metadata call it.</summary>
    public const string Producer = "MsVit";

    /// <summary>
    /// The metadata with the outputs that show what the network does, as JSON: what <see cref="NetworkObserver"/> calls them, and the
    /// names of the outputs. Only in files that were exported with them.
    /// </summary>
    public const string InsightKey = "msvit_insight";

    /// <summary>What <see cref="InsightKey"/> calls the probabilities [T, B, classes] after 1, 2, ..., T time steps.</summary>
    public const string StepsName = "probabilities";

    private const int ProducerField = 2, GraphField = 7, MetadataField = 14;
    private const byte FirstTag = 0x08;

    // The description of a model with 100,000 classes of long names is smaller.
    private const int MostMetadata = 1 << 24;

    /// <summary>Whether a file is an ONNX model, or should be one by its name.</summary>
    /// <param name="path">The file.</param>
    /// <param name="start">Its first bytes, at least two if it has as many.</param>
    public static bool IsOnnx(string path, ReadOnlySpan<byte> start) => !start.StartsWith("PK"u8)
        && (path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) || (!start.IsEmpty && start[0] == FirstTag));

    /// <summary>Reads the metadata of a model that this library wrote.</summary>
    /// <param name="model">The file.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="InvalidDataException">It is not an ONNX model, is cut short, or another program wrote it.</exception>
    public static IReadOnlyDictionary<string, string> ReadMetadata(byte[] model, string source)
    {
        var metadata = new Dictionary<string, string>();
        var (producer, graphs) = ("", 0);
        try
        {
            using var input = new CodedInputStream(model);
            while (input.ReadTag() is > 0 and var tag)
            {
                switch (WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag))
                {
                    case (ProducerField, WireFormat.WireType.LengthDelimited):
                        producer = input.ReadString();
                        break;
                    case (MetadataField, WireFormat.WireType.LengthDelimited):
                        ReadPair(input, metadata, source);
                        break;
                    case (GraphField, WireFormat.WireType.LengthDelimited):
                        graphs++;
                        input.SkipLastField();
                        break;
                    default:
                        input.SkipLastField();
                        break;
                }
            }
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException($"{source} is not an ONNX model, or is cut short: {e.Message} {ExportAgain}", e);
        }
        return graphs != 1 ? throw new InvalidDataException($"{source} is not an ONNX model: it has {graphs} graphs. {ExportAgain}")
            : producer != Producer ? throw new InvalidDataException(
                $"{source} was not written by MsVit{(producer.Length > 0 ? $" but by {Shown(producer)}" : "")}, so it does not say how "
                + "images become its input. Use ML.NET's ApplyOnnxModel, or export an MsVit model.")
            : metadata;
    }

    /// <summary>What to do with a file that cannot be used.</summary>
    public static string ExportAgain => "Export the model again, with SaveAsOnnx or msvit export.";

    private static string Shown(string text) => text.Length > 40 ? text[..40] + "..." : text;

    private static void ReadPair(CodedInputStream input, Dictionary<string, string> metadata, string source)
    {
        var bytes = input.ReadBytes();
        if (bytes.Length > MostMetadata)
        {
            throw new InvalidDataException($"{source} is damaged or was modified: an entry of its metadata has {bytes.Length} bytes; "
                + $"at most {MostMetadata} are expected. {ExportAgain}");
        }
        using var pair = bytes.CreateCodedInput();
        var (key, value) = ("", "");
        while (pair.ReadTag() is > 0 and var tag)
        {
            switch (WireFormat.GetTagFieldNumber(tag), WireFormat.GetTagWireType(tag))
            {
                case (1, WireFormat.WireType.LengthDelimited):
                    key = pair.ReadString();
                    break;
                case (2, WireFormat.WireType.LengthDelimited):
                    value = pair.ReadString();
                    break;
                default:
                    pair.SkipLastField();
                    break;
            }
        }
        metadata[key] = value;
    }
}
