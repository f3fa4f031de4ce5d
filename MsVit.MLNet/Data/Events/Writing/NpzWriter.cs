using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace MsVit.MLNet.Events;

/// <summary>Writes an NPZ file. Each of the four columns is collected in a temporary file until the number of rows is known.</summary>
internal sealed class NpzWriter : IEventWriter
{
    private const int HeaderAlignment = 64, PreambleLength = 10;

    private static readonly (string Name, string Type, int Size)[] Columns =
        [("t", "<i8", 8), ("x", "<u2", 2), ("y", "<u2", 2), ("p", "|u1", 1)];

    private readonly PendingFile _file;
    private readonly PendingFile[] _columns;
    private long _rows;

    public NpzWriter(string path)
    {
        _file = new(path);
        _columns = [.. Columns.Select(column => new PendingFile($"{path}.{column.Name}"))];
    }

    public void Write(ReadOnlySpan<CameraEvent> events)
    {
        Span<byte> number = stackalloc byte[8];
        foreach (ref readonly var item in events)
        {
            Span<long> row = [item.Time, item.X, item.Y, item.On ? 1 : 0];
            for (var i = 0; i < Columns.Length; i++)
            {
                BinaryPrimitives.WriteInt64LittleEndian(number, row[i]);
                _columns[i].Stream.Write(number[..Columns[i].Size]);
            }
        }
        _rows += events.Length;
    }

    public void Complete()
    {
        using (var zip = new ZipArchive(_file.Stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (i, column) in Columns.Index())
            {
                using var entry = zip.CreateEntry($"{column.Name}.npy", CompressionLevel.Fastest).Open();
                entry.Write(Header(column.Type, _rows));
                _columns[i].Stream.Position = 0;
                _columns[i].Stream.CopyTo(entry);
            }
        }
        _file.Complete();
        Dispose();
    }

    public void Dispose()
    {
        foreach (var column in _columns)
        {
            column.Dispose();
        }
        _file.Dispose();
    }

    // NumPy format 1: the text ends with a line feed and is padded so that the data is aligned.
    private static byte[] Header(string type, long rows)
    {
        var text = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({rows},), }}";
        var length = ((PreambleLength + text.Length + HeaderAlignment) / HeaderAlignment * HeaderAlignment) - PreambleLength;
        return
        [
            0x93, .. "NUMPY"u8, 1, 0, (byte)length, (byte)(length >> 8),
            .. Encoding.ASCII.GetBytes(text.PadRight(length - 1)), (byte)'\n',
        ];
    }
}
