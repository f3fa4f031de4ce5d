using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using MsVit.MLNet.Events;

namespace MsVit.Tests.Data.Events;

/// <summary>The counts, sums and hash under which <c>../shared/data/*/reference.json</c> describes events.</summary>
internal sealed class EventDigest : IDisposable
{
    private const int PackedLength = 13;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _count, _sumX, _sumY, _on;
    private CameraEvent _first, _last;

    /// <summary>Reads all of a recording and says how it differs from its reference; "" where it does not.</summary>
    public static string Difference(IEventReader reader, JsonElement reference)
    {
        using var digest = new EventDigest();
        digest.Add(reader);
        return digest.Difference(reference);
    }

    public void Add(IEventReader reader)
    {
        var events = new CameraEvent[10_000];
        while (reader.Read(events) is > 0 and var count)
        {
            Add(events.AsSpan(0, count));
        }
    }

    public void Add(ReadOnlySpan<CameraEvent> events)
    {
        var packed = new byte[events.Length * PackedLength];
        for (var i = 0; i < events.Length; i++)
        {
            var item = packed.AsSpan(i * PackedLength);
            BinaryPrimitives.WriteInt64LittleEndian(item, events[i].Time);
            BinaryPrimitives.WriteUInt16LittleEndian(item[8..], events[i].X);
            BinaryPrimitives.WriteUInt16LittleEndian(item[10..], events[i].Y);
            item[12] = events[i].On ? (byte)1 : (byte)0;
            _sumX += events[i].X;
            _sumY += events[i].Y;
            _on += item[12];
        }
        _hash.AppendData(packed);
        _first = _count == 0 ? events[0] : _first;
        _last = events[^1];
        _count += events.Length;
    }

    public string Difference(JsonElement reference)
    {
        var sha256 = Convert.ToHexStringLower(_hash.GetCurrentHash());
        var differences = new List<string>();
        Compare("events", _count);
        Compare("sum_x", _sumX);
        Compare("sum_y", _sumY);
        Compare("on", _on);
        Compare("first", _first);
        Compare("last", _last);
        Compare("sha256", sha256);
        return string.Join("; ", differences);

        void Compare(string name, object value)
        {
            var text = value is CameraEvent e ? $"[{e.Time},{e.X},{e.Y},{(e.On ? 1 : 0)}]" : $"{value}";
            if (reference.TryGetProperty(name, out var expected)
                && string.Concat(expected.ToString().Where(c => !char.IsWhiteSpace(c))) != text)
            {
                differences.Add($"{name} is {text}, not {expected}");
            }
        }
    }

    public void Dispose() => _hash.Dispose();
}
