namespace MsVit.MLNet.Events;

/// <summary>AEDAT 2.0: a header of # lines, then a big-endian 32-bit address and 32-bit time per event; 1.0 has a 16-bit address.</summary>
internal static class Aedat2Format
{
    private const int AddressBit = 32;

    public static IEventSource Open(EventInput input, EventFormat format)
    {
        var camera = ReadHeader(input) ?? AedatCamera.Dvs128;
        var layout = Layout(camera, input.Options.Axes) with { Length = format == EventFormat.Aedat1 ? 6 : 8 };
        var part = format == EventFormat.Aedat1 ? "an AEDAT 1.0 record of 6" : "an AEDAT 2.0 record of 8";
        return new DecodedSource<RecordDecoder<Aedat2Rule>>(input, new(layout, new(camera), part), Sensor(camera));
    }

    public static SensorSize Sensor(AedatCamera camera) => camera == AedatCamera.Dvs128 ? new(128, 128) : new(240, 180);

    public static RecordLayout Layout(AedatCamera camera, AedatAxes axes)
    {
        var sensor = Sensor(camera);
        var (x, y) = camera == AedatCamera.Dvs128
            ? (new BitField(AddressBit + 1, 7), new BitField(AddressBit + 8, 7))
            : (new BitField(AddressBit + 12, 10), new BitField(AddressBit + 22, 9));
        if (axes == AedatAxes.Cifar10Dvs)
        {
            (x, y) = camera == AedatCamera.Dvs128
                ? (y, x)
                : throw Advice.Argument(
                    "The axes Cifar10Dvs apply only to a DVS128, not to a DAVIS recording.", ReadingRemedies.UprightAxes);
        }
        return new()
        {
            Length = 8,
            BigEndian = true,
            Time = new(0, AddressBit),
            X = x,
            Y = y,
            // jAER stores OFF as 1 for the DVS128, ON as 1 for DAVIS cameras.
            On = camera == AedatCamera.Dvs128 ? AddressBit : AddressBit + 11,
            OnIsZero = camera == AedatCamera.Dvs128,
            MirrorX = axes == AedatAxes.Raw ? 0 : sensor.Width,
            MirrorY = axes is AedatAxes.Raw or AedatAxes.JAer ? 0 : sensor.Height,
            Mark = Aedat2Rule.NotAnEvent(camera) << AddressBit,
        };
    }

    // The camera from the options or an AEChip line.
    private static AedatCamera? ReadHeader(EventInput input)
    {
        var camera = input.Options.Camera;
        string? chip = null;
        while (HeaderLines.IsNext(input, (byte)'#') && !IsRecord(input.Window.Unread))
        {
            HeaderLines.TryTake(input, (byte)'#', out var line);
            if (line.IndexOf("AEChip:"u8) >= 0)
            {
                camera ??= line.IndexOf("DVS128"u8) >= 0 ? AedatCamera.Dvs128
                    : line.IndexOf("DAVIS240"u8) >= 0 || line.IndexOf("Davis240"u8) >= 0 ? AedatCamera.Davis240
                    : null;
                chip = System.Text.Encoding.Latin1.GetString(line[..Math.Min(line.Length, 100)]);
            }
        }
        return camera ?? (chip is null || !input.Window.Fill(1) ? null : throw input.Error(input.Window.Position,
            $"the header says '{chip}'; supported are DVS128 and DAVIS240.", ReadingRemedies.GiveCamera));
    }

    // An address on a sensor with many rows may start with 0x23, which is '#'. Text has no zero bytes; a time usually has one.
    private static bool IsRecord(ReadOnlySpan<byte> line) => line[..Math.Min(8, line.Length)].Contains((byte)0);
}

/// <summary>AEDAT 2.0 records that are not pixel events: external and special events, frames, inertial measurements.</summary>
internal readonly struct Aedat2Rule(AedatCamera camera) : IRecordRule
{
    private const int AddressBit = 32;

    public long TimeBase => 0;

    public bool HasTime => true;

    public int ClockBits => 32;

    /// <summary>The address bits that only such records set. A DVS128 has no bits above 15.</summary>
    public static ulong NotAnEvent(AedatCamera camera) => camera == AedatCamera.Dvs128 ? 0xFFFF_8000 : 0x8000_0400;

    public string? ProblemOf(ulong record) => camera == AedatCamera.Dvs128 && record >> (AddressBit + 16) != 0
        ? $"the address is 0x{record >> AddressBit:X8}; a DVS128 sets no bit above 15. The file is damaged or from another camera."
        : null;

    public IReadOnlyList<Remedy> Remedies => [ReadingRemedies.OtherCamera];

    public bool IsEvent(ulong record) => false;
}
