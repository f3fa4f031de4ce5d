using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace MsVit.MLNet.Events;

/// <summary>The frames of recordings, from the cache where it has them.</summary>
/// <remarks>
/// An entry's key is the SHA-256 of the file's full path, length and time of change, the slice, the sensor and every option. The time of
/// change stands for the content: hashing the content itself would read each file as long as decoding it takes, and a trial
/// with twelve slices twelve times. A file that is replaced within the clock's tick by one of the same length is not noticed.
/// </remarks>
/// <param name="frames">What makes frames.</param>
/// <param name="length">Bytes of the frames of one recording.</param>
/// <param name="cache">Where they are kept; null for nowhere.</param>
internal sealed class CachedFrames(RecordingFrames frames, int length, EventFrameCache? cache)
{
    // Counted up when the same options begin to give other frames.
    private const int Version = 1;

    private readonly string _options = JsonSerializer.Serialize(frames);

    /// <summary>The frames [T, P, H, W] of a recording; the caller's.</summary>
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
            : throw new InvalidOperationException($"{recording.Path} gives {decoded.Length} counts; {length} were expected.");
    }

    private string Key(EventRecording recording)
    {
        var file = new FileInfo(recording.Path);
        if (!file.Exists)
        {
            throw new FileNotFoundException($"The recording {file.FullName} is not there.", file.FullName);
        }
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{Version}\n{file.FullName}\n{file.Length}\n{file.LastWriteTimeUtc.Ticks}\n{recording.Start}\n{recording.End}\n{recording.Sensor}\n{_options}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
