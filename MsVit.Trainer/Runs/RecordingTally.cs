using System.Buffers.Binary;
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

    public required EventFileFacts Facts { get; init; }

    public SensorSize? Sensor => Facts.Sensor;

    public required EventTally Counts { get; init; }

    public CameraEvent? First { get; init; }

    public CameraEvent? Last { get; init; }

    public long SumX { get; init; }

    public long SumY { get; init; }

    public long On { get; init; }

    public int MaxX { get; init; }

    public int MaxY { get; init; }

    public required string Sha256 { get; init; }

    /// <summary>Reads a recording.</summary>
    /// <param name="path">The file.</param>
    /// <param name="reading">How to read it; null for the defaults.</param>
    public static RecordingTally Read(string path, EventReadOptions? reading = null)
    {
        using var recording = EventFile.Open(path, reading);
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
            Facts = recording.Facts,
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
        output.WriteLine($"format          {Facts}");
        output.WriteLine($"sensor          {Sensor?.ToString()
            ?? (Counts.Events == 0 ? "not stated" : $"not stated; the events need {MaxX + 1} x {MaxY + 1}")}");
        output.WriteLine(Counts.Events == 0
            ? "events          none: training would reject this file"
            : Invariant($"events          {Counts.Events:N0}, {On:N0} of them ON"));
        if (First is { } first && Last is { } last)
        {
            output.WriteLine(Invariant($"time            {first.Time} to {last.Time} µs, {(last.Time - first.Time) / 1e6:0.000} s"));
        }
        output.WriteLine($"steps back      {Counts.BackwardSteps}; {Counts.ClockOverflows} clock overflows, "
            + $"{Counts.Skipped} other records, {Counts.OutsideSensor} outside the sensor, {Counts.TruncatedBytes} bytes cut");
        output.WriteLine($"sha256          {Sha256}");
    }

    private static JsonArray? Event(CameraEvent? e) =>
        e is { } found ? new JsonArray(found.Time, found.X, found.Y, found.On ? 1 : 0) : null;
}
