using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using MsVit.MLNet.Events;
using static System.FormattableString;

namespace MsVit.Trainer.Runs;

/// <summary>The result of reading a whole recording: how many events, their times, and a checksum.</summary>
internal sealed record RecordingTally
{
    private const int Batch = 1 << 14;

    // t as int64, x and y as uint16, p as uint8, little-endian.
    private const int PackedBytes = 13;

    private static readonly char[] Separators = [',', ' ', '\t', ';'];

    public required EventFormat Format { get; init; }

    public SensorSize? Sensor { get; init; }

    public required EventTally Counts { get; init; }

    public CameraEvent? First { get; init; }

    public CameraEvent? Last { get; init; }

    public long SumX { get; init; }

    public long SumY { get; init; }

    public long On { get; init; }

    public int MaxX { get; init; }

    public int MaxY { get; init; }

    public required string Sha256 { get; init; }

    /// <summary>Whether a text file holds events, not a list of recordings: its first line of data has only numbers.</summary>
    public static bool IsRecording(string path) => File.ReadLines(path).Take(100)
        .FirstOrDefault(line => line.Length > 0 && !line.StartsWith('#') && !char.IsLetter(line[0])) is { } data
        && data.Split(Separators, StringSplitOptions.RemoveEmptyEntries).All(IsNumber);

    /// <summary>Reads a recording.</summary>
    /// <param name="path">The file.</param>
    /// <param name="axes">The orientation of x and y in AEDAT 1.0 and 2.0.</param>
    public static RecordingTally Read(string path, AedatAxes axes = AedatAxes.Upright)
    {
        using var recording = EventFile.Open(path, new() { Axes = axes });
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var events = new CameraEvent[Batch];
        var packed = new byte[Batch * PackedBytes];
        CameraEvent? first = null, last = null;
        long sumX = 0, sumY = 0, on = 0;
        int maxX = 0, maxY = 0, count;
        while ((count = recording.Read(events)) > 0)
        {
            for (var i = 0; i < count; i++)
            {
                var e = events[i];
                (sumX, sumY, on) = (sumX + e.X, sumY + e.Y, on + (e.On ? 1 : 0));
                (maxX, maxY) = (Math.Max(maxX, e.X), Math.Max(maxY, e.Y));
                var place = packed.AsSpan(i * PackedBytes);
                BinaryPrimitives.WriteInt64LittleEndian(place, e.Time);
                BinaryPrimitives.WriteUInt16LittleEndian(place[8..], e.X);
                BinaryPrimitives.WriteUInt16LittleEndian(place[10..], e.Y);
                place[12] = e.On ? (byte)1 : (byte)0;
            }
            (first, last) = (first ?? events[0], events[count - 1]);
            hash.AppendData(packed, 0, count * PackedBytes);
        }
        return new()
        {
            Format = recording.Format,
            Sensor = recording.Sensor,
            Counts = recording.Tally,
            First = first,
            Last = last,
            SumX = sumX,
            SumY = sumY,
            On = on,
            MaxX = maxX,
            MaxY = maxY,
            Sha256 = Convert.ToHexStringLower(hash.GetHashAndReset()),
        };
    }

    public JsonObject ToJson() => new()
    {
        ["events"] = Counts.Events,
        ["first"] = Event(First),
        ["last"] = Event(Last),
        ["sum_x"] = SumX,
        ["sum_y"] = SumY,
        ["on"] = On,
        ["max_x"] = MaxX,
        ["max_y"] = MaxY,
        ["backward_steps"] = Counts.BackwardSteps,
        ["sha256"] = Sha256,
    };

    public void Write(TextWriter output)
    {
        output.WriteLine($"format          {Format.ToString().ToLowerInvariant()}");
        output.WriteLine($"sensor          {Sensor?.ToString() ?? $"not stated; the events need {MaxX + 1} x {MaxY + 1}"}");
        output.WriteLine(Invariant($"events          {Counts.Events:N0}, {On:N0} of them ON"));
        if (First is { } first && Last is { } last)
        {
            output.WriteLine(Invariant($"time            {first.Time} to {last.Time} µs, {(last.Time - first.Time) / 1e6:0.000} s"));
        }
        output.WriteLine($"steps back      {Counts.BackwardSteps}; {Counts.ClockOverflows} clock overflows, "
            + $"{Counts.Skipped} other records, {Counts.OutsideSensor} outside the sensor, {Counts.CutBytes} bytes cut");
        output.WriteLine($"sha256          {Sha256}");
    }

    private static bool IsNumber(string word) => double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static JsonArray? Event(CameraEvent? e) =>
        e is { } found ? new JsonArray(found.Time, found.X, found.Y, found.On ? 1 : 0) : null;
}
