using System.Buffers.Binary;

namespace MsVit.MLNet.Events;

/// <summary>AEDAT 3.1: a header of # lines that ends with #!END-HEADER, followed by little-endian packets.</summary>
internal static class Aedat31Format
{
    public static IEventSource Open(EventInput input)
    {
        SensorSize? sensor = null;
        while (HeaderLines.TryTake(input, (byte)'#', out var line))
        {
            if (line.StartsWith("#Source "u8) && line.IndexOf("DVS128"u8) >= 0)
            {
                sensor = new(128, 128);
            }
            if (line.SequenceEqual("#!END-HEADER"u8))
            {
                return new DecodedSource<Aedat31Decoder>(input, new(input.Options.SkipInvalid), sensor);
            }
        }
        throw input.Error(input.Window.Position, "the header does not end; expected a line '#!END-HEADER' before the first packet. "
            + "The file is damaged or truncated; copy or download it again.");
    }
}

/// <summary>AEDAT 3.1 packets: a header of 28 bytes, then space for a number of events, of which only the first ones are used.</summary>
internal struct Aedat31Decoder(bool skipInvalid) : IEventDecoder
{
    private const int HeaderLength = 28;
    private const int EventLength = 8;
    private const int TimeOffset = 4;
    private const int PolarityType = 1;
    private const long MaxDataLength = 1L << 31;
    private const ulong ValidBit = 1, TimeSignBit = 1UL << 63;

    public static readonly RecordLayout Layout = new()
    {
        Length = EventLength,
        BigEndian = false,
        On = 1,
        Y = new(2, 15),
        X = new(17, 15),
        Time = new(32, 31),
        Mark = TimeSignBit,
    };

    private readonly RecordKernel _kernel =
        new(skipInvalid ? Layout with { Mark = TimeSignBit | ValidBit, MarkValue = ValidBit } : Layout);

    private long _eventsLeft;
    private long _restLeft;
    private long _packetLength;
    private long _timeBase;

    public readonly int RecordLength => EventLength;

    public readonly int ClockBits => 63;

    public readonly string PartName => "an AEDAT 3.1 packet";

    public readonly long PartialBytes => Left > 0 ? _packetLength - Left : 0;

    public long Skipped { readonly get; private set; }

    private readonly long Left => (_eventsLeft * EventLength) + _restLeft;

    public Progress Decode(ReadOnlySpan<byte> bytes, Span<CameraEvent> events, EventInput input, long offset)
    {
        var (at, written) = (0, 0);
        while (written < events.Length)
        {
            var rest = bytes[at..];
            if (_eventsLeft > 0 && rest.Length >= EventLength)
            {
                var run = _kernel.Decode(rest, events.Slice(written, (int)Math.Min(_eventsLeft, events.Length - written)), _timeBase);
                written += run;
                if (run == 0)
                {
                    if (BinaryPrimitives.ReadUInt64LittleEndian(rest) >= TimeSignBit)
                    {
                        return written > 0 ? new(at, written) : throw input.Error(offset + at,
                            "the event's time is negative; expected 31 bits. The file is damaged; copy or download it again.");
                    }
                    Skipped++;
                    run = 1;
                }
                _eventsLeft -= run;
                at += run * EventLength;
            }
            else if (_eventsLeft == 0 && _restLeft > 0 && rest.Length > 0)
            {
                var skipped = (int)Math.Min(_restLeft, rest.Length);
                _restLeft -= skipped;
                at += skipped;
            }
            else if (Left == 0 && rest.Length >= HeaderLength)
            {
                if (ProblemOf(rest) is { } reason)
                {
                    return written > 0 ? new(at, written) : throw input.Error(offset + at, reason);
                }
                Begin(rest);
                at += HeaderLength;
            }
            else
            {
                break;
            }
        }
        return new(at, written);
    }

    private static string? ProblemOf(ReadOnlySpan<byte> header)
    {
        var (type, size, timeOffset) = (Type(header), Number(header, 4), Number(header, 8));
        var (capacity, number) = (Number(header, 16), Number(header, 20));
        return type == PolarityType && size != EventLength
            ? $"a polarity packet has an event size of {size} bytes; expected {EventLength}"
            : type == PolarityType && timeOffset != TimeOffset
            ? $"a polarity packet has the time at byte {timeOffset} of an event; expected {TimeOffset}"
            : number > capacity ? $"a packet has {number} events but a capacity of {capacity}"
            : capacity * size > MaxDataLength ? $"a packet has {capacity} x {size} bytes; expected at most {MaxDataLength}"
            : null;
    }

    private void Begin(ReadOnlySpan<byte> header)
    {
        var length = Number(header, 16) * Number(header, 4);
        var isPolarity = Type(header) == PolarityType;
        _eventsLeft = isPolarity ? Number(header, 20) : 0;
        _restLeft = length - (_eventsLeft * EventLength);
        _packetLength = HeaderLength + length;
        _timeBase = Number(header, 12) << 31;
        Skipped += isPolarity ? 0 : 1;
    }

    private static int Type(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt16LittleEndian(header);

    private static long Number(ReadOnlySpan<byte> header, int at) => BinaryPrimitives.ReadUInt32LittleEndian(header[at..]);
}
