using System.Buffers.Binary;

namespace MsVit.MLNet.Events;

/// <summary>Writes AEDAT 2.0 with DVS128 addresses.</summary>
internal sealed class Aedat2Writer : IEventWriter
{
    private const int Side = 128;
    private const int RecordLength = 8;
    private const long Range = 1L << 32;

    private readonly PendingFile _file;
    private readonly AedatAxes _axes;
    private long _previous = -1;

    public Aedat2Writer(string path, AedatAxes axes)
    {
        _axes = Enum.IsDefined(axes) ? axes : throw new ArgumentException(
            $"The axes are {axes}; expected one of {string.Join(", ", Enum.GetNames<AedatAxes>())}.", nameof(axes));
        _file = new(path);
        _file.Stream.Write("#!AER-DAT2.0\r\n"u8);
        _file.Stream.Write("# AEChip: ch.unizh.ini.jaer.chip.retina.DVS128\r\n"u8);
        _file.Stream.Write("# Each event: big-endian 32-bit address, 32-bit timestamp in microseconds\r\n"u8);
    }

    public void Write(ReadOnlySpan<CameraEvent> events)
    {
        Span<byte> record = stackalloc byte[RecordLength];
        foreach (ref readonly var item in events)
        {
            Check(item);
            BinaryPrimitives.WriteUInt32BigEndian(record, Address(item));
            BinaryPrimitives.WriteUInt32BigEndian(record[4..], (uint)item.Time);
            _file.Stream.Write(record);
            _previous = item.Time;
        }
    }

    public void Complete() => _file.Complete();

    public void Dispose() => _file.Dispose();

    private void Check(CameraEvent item)
    {
        if (item.X >= Side || item.Y >= Side)
        {
            throw new ArgumentException(
                $"The event at column {item.X}, row {item.Y} is outside a DVS128 ({Side} x {Side}). Crop or scale the events first.");
        }
        if (item.Time < 0 || (_previous < 0 ? item.Time >= Range : Math.Abs(item.Time - _previous) >= Range / 2))
        {
            throw new ArgumentException(
                $"The time {item.Time} after {Math.Max(_previous, 0)} is not representable in the 32-bit times of AEDAT 2.0. "
                + "Times must be at least 0, the first below 2^32, and each step shorter than 2^31; subtract the first time.");
        }
    }

    // Bit 0 is 0 if the pixel became brighter.
    private uint Address(CameraEvent item)
    {
        var (x, y) = _axes switch
        {
            AedatAxes.Upright => (Side - 1 - item.X, Side - 1 - item.Y),
            AedatAxes.Cifar10Dvs => (Side - 1 - item.Y, Side - 1 - item.X),
            AedatAxes.JAer => (Side - 1 - item.X, item.Y),
            _ => (item.X, item.Y),
        };
        return (uint)((y << 8) | (x << 1) | (item.On ? 0 : 1));
    }
}
