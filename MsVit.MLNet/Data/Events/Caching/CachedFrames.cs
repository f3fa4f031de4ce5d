using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace MsVit.MLNet.Events;

/// <summary>The frames of recordings, from the cache if it has them.</summary>
/// <remarks>
/// The key of an entry is the SHA-256 of the file's full path, length and modification time, the slice, the sensor size and every option.
/// The modification time represents the content: hashing the content would take as long as decoding it, and twelve times as long for a
/// trial with twelve slices. A file replaced by one of the same length within a clock tick goes unnoticed.
/// </remarks>
/// <param name="frames">Builds the frames.</param>
/// <param name="length">The number of bytes in one recording's frames.</param>
/// <param name="cache">The cache; null for none.</param>
internal sealed class CachedFrames(RecordingFrames frames, int length, EventFrameCache? cache)
{
    // Increment when the same options give different frames.
    private const int Version = 1;

    private readonly string _options = JsonSerializer.Serialize(frames);

    /// <summary>The frames [T, P, H, W] of a recording. The caller owns the array.</summary>
    /// <inheritdoc cref="RecordingFrames.Read(EventRecording)" path="/exception"/>
    public byte[] Read(EventRecording recording)
    {
        if (cache is null)
        {
            return Decode(recording);
        }
        var key = Key(recording);
        if (cache.Find(key, length) is { } found)
        {
            return found;
        }
        var decoded = Decode(recording);
        cache.Add(key, decoded);
        return decoded;
    }

    private byte[] Decode(EventRecording recording)
    {
        var decoded = frames.Read(recording).Bytes;
        return decoded.Length == length ? decoded.ToArray()
            : throw new InvalidOperationException($"{recording.Path} has {decoded.Length} counts; expected {length}.");
    }

    private string Key(EventRecording recording)
    {
        var file = new FileInfo(recording.Path);
        if (!file.Exists)
        {
            throw new FileNotFoundException($"The recording {file.FullName} does not exist.", file.FullName);
        }
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{Version}\n{file.FullName}\n{file.Length}\n{file.LastWriteTimeUtc.Ticks}\n"
            + $"{recording.Start}\n{recording.End}\n{recording.Sensor}\n{_options}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
