using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using TorchSharp;

namespace MsVit.MLNet;

/// <summary>Writes safetensors. The same tensors give the same bytes: wide element types first, then by name, ordinally.</summary>
internal static class SafetensorsWriter
{
    // The data begins at a multiple of 8, so that every tensor is aligned to its element size in a mapped file.
    private const int Alignment = 8;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes tensors of any device and layout to a stream, from its position on.</summary>
    /// <param name="stream">The stream; it stays open and need not be seekable.</param>
    /// <param name="tensors">The tensors by name.</param>
    /// <param name="metadata">Metadata to store beside them, or null.</param>
    /// <exception cref="ArgumentException">
    /// A tensor has an element type that is not supported, or a name that the format reserves.
    /// </exception>
    public static void Write(
        Stream stream, IReadOnlyDictionary<string, torch.Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        if (tensors.ContainsKey(SafetensorsHeader.MetadataKey))
        {
            throw new ArgumentException($"No tensor may be named {SafetensorsHeader.MetadataKey}.", nameof(tensors));
        }
        var ordered = tensors
            .Select(pair => (Name: pair.Key, Tensor: pair.Value, Type: TypeOf(pair.Key, pair.Value)))
            .OrderByDescending(item => item.Type.Size)
            .ThenBy(item => item.Name, StringComparer.Ordinal)
            .ToList();

        var header = Header(ordered, metadata);
        Span<byte> prefix = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)header.Length);
        stream.Write(prefix);
        stream.Write(header);
        foreach (var (_, tensor, _) in ordered)
        {
            using var scope = torch.NewDisposeScope();
            if (tensor.numel() > 0)
            {
                stream.Write(tensor.detach().cpu().contiguous().bytes);
            }
        }
    }

    private static byte[] Header(
        List<(string Name, torch.Tensor Tensor, SafetensorsType Type)> ordered, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(SafetensorsHeader.MetadataKey);
                foreach (var (key, text) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    json.WriteString(key, text);
                }
                json.WriteEndObject();
            }
            var begin = 0L;
            foreach (var (name, tensor, type) in ordered)
            {
                var end = begin + tensor.numel() * type.Size;
                json.WriteStartObject(name);
                json.WriteString("dtype", type.Name);
                WriteNumbers(json, "shape", tensor.shape);
                WriteNumbers(json, "data_offsets", begin, end);
                json.WriteEndObject();
                begin = end;
            }
            json.WriteEndObject();
        }
        var padding = (Alignment - buffer.WrittenCount % Alignment) % Alignment;
        buffer.GetSpan(padding)[..padding].Fill((byte)' ');
        buffer.Advance(padding);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, params ReadOnlySpan<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
        {
            json.WriteNumberValue(number);
        }
        json.WriteEndArray();
    }

    private static SafetensorsType TypeOf(string name, torch.Tensor tensor) =>
        SafetensorsType.All.FirstOrDefault(type => type.Torch == tensor.dtype)
        ?? throw new ArgumentException($"Tensor '{name}' has elements of type {tensor.dtype}; supported are {SafetensorsType.Names}.");
}
