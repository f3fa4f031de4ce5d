using System.Security.Cryptography;
using static TorchSharp.torch;

namespace MsVit.MLNet;

/// <summary>A safetensors file beside a checkpoint's JSON.</summary>
/// <param name="Name">Its name in the folder.</param>
/// <param name="Sha256">The hash of its bytes, in hexadecimal digits.</param>
internal sealed record TensorFile(string Name, string Sha256)
{
    /// <summary>Writes tensors to disk under a temporary name, then renames the file.</summary>
    public static TensorFile Write(string folder, string name, IReadOnlyDictionary<string, Tensor> tensors)
    {
        using var sha = SHA256.Create();
        using var file = new PendingFile(Path.Combine(folder, name), isKept: false);
        using (var hashing = new CryptoStream(file.Stream, sha, CryptoStreamMode.Write, leaveOpen: true))
        {
            SafetensorsWriter.Write(hashing, tensors);
        }
        file.Complete();
        return new(name, Convert.ToHexString(sha.Hash!));
    }

    /// <summary>Reads the tensors. The caller disposes them.</summary>
    /// <exception cref="InvalidDataException">The file is missing or damaged.</exception>
    public SafetensorsFile Read(string folder)
    {
        var path = Path.Combine(folder, Path.GetFileName(Name));
        if (!File.Exists(path))
        {
            throw new InvalidDataException($"{Name} is missing");
        }
        using var stream = File.OpenRead(path);
        if (Convert.ToHexString(SHA256.HashData(stream)) != Sha256)
        {
            throw new InvalidDataException($"{Name} does not have the SHA-256 that was saved with it");
        }
        stream.Position = 0;
        return SafetensorsReader.Read(stream, path);
    }
}
