using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>The JSON of a checkpoint. It is written last and makes the tensor files that it names valid.</summary>
internal sealed record CheckpointDocument
{
    internal static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>The version of this format.</summary>
    public int Format { get; init; } = 1;

    /// <summary>The run that the checkpoint belongs to.</summary>
    public required RunIdentity Run { get; init; }

    /// <summary>Where that run stood.</summary>
    public required RunState State { get; init; }

    /// <summary>The file of weights, optimizer and averages.</summary>
    public required TensorFile Tensors { get; init; }

    /// <summary>The file of the best epoch's weights; null before there is one.</summary>
    public TensorFile? Best { get; init; }

    /// <summary>The document as a file: a line with the SHA-256 of the rest, then JSON.</summary>
    public byte[] ToBytes()
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(this, Json);
        return [.. Encoding.ASCII.GetBytes(Convert.ToHexString(SHA256.HashData(body)) + "\n"), .. body];
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The document is damaged, or a newer version wrote it.</exception>
    public static CheckpointDocument FromBytes(ReadOnlySpan<byte> bytes)
    {
        const int HashLength = 2 * SHA256.HashSizeInBytes;
        if (bytes.Length <= HashLength
            || Encoding.ASCII.GetString(bytes[..HashLength]) != Convert.ToHexString(SHA256.HashData(bytes[(HashLength + 1)..])))
        {
            throw new InvalidDataException($"the SHA-256 of its {bytes.Length} bytes is not the one in its first line");
        }
        try
        {
            var document = JsonSerializer.Deserialize<CheckpointDocument>(bytes[(HashLength + 1)..], Json)
                ?? throw new InvalidDataException("it is empty");
            return document.Format == 1
                ? document
                : throw new InvalidDataException($"it has format {document.Format}; this version reads format 1");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }
}
