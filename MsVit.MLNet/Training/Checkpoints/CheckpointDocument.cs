using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MsVit.MLNet;

/// <summary>The JSON of a checkpoint: it is written last, and makes the tensors that it names valid.</summary>
internal sealed record CheckpointDocument
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>The version of this format.</summary>
    public int Format { get; init; } = 1;

    /// <summary>The run that it belongs to.</summary>
    public required RunIdentity Run { get; init; }

    /// <summary>Where that run stood.</summary>
    public required RunState State { get; init; }

    /// <summary>The file of weights, optimizer and averages.</summary>
    public required TensorFile Tensors { get; init; }

    /// <summary>The file of the best epoch's weights; null before there is one.</summary>
    public TensorFile? Best { get; init; }

    /// <summary>The document as a file: the SHA-256 of the rest in a line, then JSON.</summary>
    public byte[] ToBytes()
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(this, Json);
        return [.. Encoding.ASCII.GetBytes(Convert.ToHexString(SHA256.HashData(body)) + "\n"), .. body];
    }

    /// <summary>Reads what <see cref="ToBytes"/> made.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or of a newer version.</exception>
    public static CheckpointDocument FromBytes(ReadOnlySpan<byte> bytes)
    {
        const int HashLength = 2 * SHA256.HashSizeInBytes;
        if (bytes.Length <= HashLength || Encoding.ASCII.GetString(bytes[..HashLength]) != Convert.ToHexString(SHA256.HashData(bytes[(HashLength + 1)..])))
        {
            throw new InvalidDataException($"its {bytes.Length} bytes do not have the SHA-256 of their first line");
        }
        try
        {
            var document = JsonSerializer.Deserialize<CheckpointDocument>(bytes[(HashLength + 1)..], Json) ?? throw new InvalidDataException("it is empty");
            return document.Format == 1 ? document : throw new InvalidDataException($"it has format {document.Format}; this version reads 1");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }
}
