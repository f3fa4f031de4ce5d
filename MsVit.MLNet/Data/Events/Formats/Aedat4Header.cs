using System.Buffers.Binary;
using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace MsVit.MLNet.Events;

/// <summary>The header of an AEDAT 4 file.</summary>
/// <param name="Compression">0 for none, 1 and 2 for LZ4, 3 and 4 for Zstandard.</param>
/// <param name="DataEnd">The offset at which the packets end and their table begins; long.MaxValue if there is no table.</param>
/// <param name="Stream">The lowest-numbered stream with events.</param>
/// <param name="Sensor">The sensor size, if specified.</param>
internal sealed record Aedat4Header(int Compression, long DataEnd, int Stream, SensorSize? Sensor)
{
    private const int CompressionField = 4, DataTableField = 6, InfoField = 8;
    private const int MaxLength = ByteWindow.BufferLength / 2;
    private const int MaxDepth = 64;

    private static readonly XmlReaderSettings Safe = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };

    private static ReadOnlySpan<byte> Magic => "#!AER-DAT4.0\r\n"u8;

    public static Aedat4Header Read(EventInput input)
    {
        var window = input.Window;
        if (!window.Fill(Magic.Length) || !window.Unread.StartsWith(Magic))
        {
            throw input.Error(0, "the first line is not '#!AER-DAT4.0' with CR LF. The file is damaged or has a different format.");
        }
        window.Advance(Magic.Length);
        var length = window.Fill(sizeof(int)) ? BinaryPrimitives.ReadUInt32LittleEndian(window.Unread) : 0;
        if (length is 0 or > MaxLength || !window.Fill(sizeof(int) + (int)length))
        {
            throw input.Error(window.Position, $"the header's length is {length}; expected 1 to {MaxLength} bytes within the file. "
                + "The file is damaged or truncated; copy or download it again.");
        }
        var bytes = window.Unread[..(sizeof(int) + (int)length)].ToArray();
        var root = FlatTable.Root(bytes, bytes.Length, "IOHE", (verifier, table) =>
            verifier.VerifyTableStart(table) && verifier.VerifyField(table, CompressionField, sizeof(int), sizeof(int), false)
            && verifier.VerifyField(table, DataTableField, sizeof(long), sizeof(long), false)
            && verifier.VerifyString(table, InfoField, false) && verifier.VerifyTableEnd(table))
            ?? throw input.Error(
                window.Position,
                "the header is not a FlatBuffer with the identifier IOHE. The file is damaged; copy or download it again.");
        var position = window.Position;
        window.Advance(sizeof(int) + (int)length);

        var compression = root.__offset(CompressionField) is > 0 and var c ? root.bb.GetInt(root.bb_pos + c) : 0;
        var dataEnd = root.__offset(DataTableField) is > 0 and var d ? root.bb.GetLong(root.bb_pos + d) : -1;
        var info = root.__offset(InfoField) is > 0 and var i ? root.__string(root.bb_pos + i) : "";
        if (compression is < 0 or > 4)
        {
            throw input.Error(position, $"the compression is {compression}; expected 0 (none), 1 or 2 (LZ4), 3 or 4 (Zstandard).");
        }
        if (dataEnd >= 0 && dataEnd < window.Position)
        {
            throw input.Error(position, $"the table of packets is at byte {dataEnd}, before the first packet at {window.Position}.");
        }
        var (stream, sensor) = EventStream(info, input, position);
        return new(compression, dataEnd < 0 ? long.MaxValue : dataEnd, stream, sensor);
    }

    private static (int Stream, SensorSize? Sensor) EventStream(string info, EventInput input, long position)
    {
        try
        {
            // Building the tree takes time quadratic in its depth.
            using var nodes = XmlReader.Create(new StringReader(info), Safe);
            while (nodes.Read())
            {
                if (nodes.Depth > MaxDepth)
                {
                    throw input.Error(
                        position,
                        $"the description of the streams is nested deeper than {MaxDepth} elements. "
                        + "The file is damaged; copy or download it again.");
                }
            }
            using var reader = XmlReader.Create(new StringReader(info), Safe);
            var streams =
                from node in XDocument.Load(reader).Descendants("node")
                where Attribute(node, "typeIdentifier") == "EVTS"
                let number = StreamNumber(node)
                where number is not null
                let id = number.Value
                orderby id
                select (id, Size(node.Elements("node").FirstOrDefault(child => (string?)child.Attribute("name") == "info")));
            return streams.Cast<(int, SensorSize?)?>().FirstOrDefault()
                ?? throw input.Error(position, "the description of the streams has none of type EVTS: the file has no events.");
        }
        catch (XmlException e)
        {
            throw input.Error(position, $"the description of the streams is not XML: {e.Message}", e);
        }
    }

    private static int? StreamNumber(XElement node) =>
        int.TryParse((string?)node.Attribute("name"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string? Attribute(XElement node, string key) =>
        node.Elements("attr").FirstOrDefault(attribute => (string?)attribute.Attribute("key") == key)?.Value.Trim();

    private static SensorSize? Size(XElement? info) =>
        info is not null
        && int.TryParse(Attribute(info, "sizeX"), NumberStyles.None, CultureInfo.InvariantCulture, out var width)
        && int.TryParse(Attribute(info, "sizeY"), NumberStyles.None, CultureInfo.InvariantCulture, out var height)
        && width is >= 1 and <= 32768 && height is >= 1 and <= 32768 ? new(width, height) : null;
}
