using System.Buffers.Binary;

namespace MsVit.MLNet.Events;

/// <summary>AEDAT 4: interleaved packets of several streams. The packets of one event stream are unpacked one at a time.</summary>
internal sealed class Aedat4Source : IEventSource
{
    private const int PacketHeaderLength = 8;
    private const int EventLength = 16;
    private const int EventsField = 4;

    private readonly EventInput _input;
    private readonly Aedat4Header _header;
    private readonly PacketUnpacker _unpacker;
    private long _packetOffset;
    private int _next;
    private int _end;
    private int _handedOut;

    public Aedat4Source(EventInput input)
    {
        _input = input;
        _header = Aedat4Header.Read(input);
        _unpacker = new(input, _header.Compression);
    }

    public SensorSize? Sensor => _header.Sensor;

    public int ClockBits => 63;

    public int Read(Span<CameraEvent> events)
    {
        while (_next == _end)
        {
            if (!NextPacket())
            {
                return 0;
            }
        }
        var count = Math.Min(events.Length, (_end - _next) / EventLength);
        var bytes = _unpacker.Bytes.AsSpan(_next, count * EventLength);
        for (var i = 0; i < count; i++)
        {
            var record = bytes.Slice(i * EventLength, EventLength);
            // A negative coordinate becomes 32,768 or more.
            events[i] = new(
                BinaryPrimitives.ReadInt64LittleEndian(record), BinaryPrimitives.ReadUInt16LittleEndian(record[8..]),
                BinaryPrimitives.ReadUInt16LittleEndian(record[10..]), record[12] != 0);
        }
        _next += count * EventLength;
        _handedOut = count;
        return count;
    }

    public string Location(int index) =>
        $"byte {_packetOffset}, byte {_next + ((index - _handedOut) * EventLength)} of the unpacked packet";

    public void Dispose()
    {
    }

    // Finds the next packet of the stream; false at the end.
    private bool NextPacket()
    {
        var window = _input.Window;
        while (window.Position < _header.DataEnd)
        {
            _packetOffset = window.Position;
            if (!window.Fill(PacketHeaderLength))
            {
                var left = window.Unread.Length;
                window.Advance(left);
                if (left > 0 || _header.DataEnd != long.MaxValue)
                {
                    _input.Truncated(_packetOffset, left, "an AEDAT 4 packet");
                }
                return false;
            }
            var stream = BinaryPrimitives.ReadInt32LittleEndian(window.Unread);
            var length = BinaryPrimitives.ReadInt32LittleEndian(window.Unread[4..]);
            if (length < 0)
            {
                throw _input.Error(_packetOffset, $"a packet has the length {length}. The file is damaged; copy or download it again.");
            }
            window.Advance(PacketHeaderLength);
            var packet = new PacketStream(window, length);
            var unpacked = stream == _header.Stream ? _unpacker.Unpack(packet, _packetOffset) : packet.Finish() ? 0 : null;
            if (unpacked is null)
            {
                _input.Truncated(_packetOffset, window.Position - _packetOffset, "an AEDAT 4 packet");
                return false;
            }
            if (unpacked > 0)
            {
                FindEvents(unpacked.Value);
                return true;
            }
            _input.Tally.Skipped++;
        }
        return false;
    }

    private void FindEvents(int length)
    {
        var table = FlatTable.Root(_unpacker.Bytes, length, "EVTS", static (verifier, table) =>
            verifier.VerifyTableStart(table)
            && verifier.VerifyVectorOfData(table, EventsField, EventLength, false)
            && verifier.VerifyTableEnd(table))
            ?? throw _input.Error(_packetOffset, "the unpacked packet is not a FlatBuffer with the identifier EVTS. "
                + "The file is damaged; copy or download it again.");
        var field = table.__offset(EventsField);
        _next = field == 0 ? 0 : table.__vector(field);
        _end = field == 0 ? 0 : _next + (EventLength * table.__vector_len(field));
    }
}
