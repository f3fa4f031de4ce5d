using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using MsVit.MLNet;
using MsVit.MLNet.Events;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data.Events.Images;

public sealed class EventImagesTests
{
    private static readonly SensorSize Sensor = new(5, 3);

    // Frame 0: ON at (1, 0); frame 1: OFF at (4, 2), twice.
    private static readonly EventFrames Two = EventFrames.Of(
        [new(0, 1, 0, true), new(1, 4, 2, false), new(2, 4, 2, false)], new() { TimeSteps = 2 }, Sensor);

    [Fact]
    public void A_contact_sheet_shows_on_orange_and_off_blue_side_by_side()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "sheet.png");
        EventImages.WriteContactSheet(path, Two, new() { Scale = 3, FullCount = 1 });
        var image = ImageDecoder.Decode(File.ReadAllBytes(path), path);
        Assert.Equal((2 + (2 * (15 + 2)), 2 + 9 + 2), (image.Width, image.Height));
        // Frame 0 begins at (2, 2), frame 1 at (19, 2); a cell is 3 pixels wide.
        Assert.Equal((255, 170, 40), At(image, 2 + 3, 2));
        Assert.Equal((255, 170, 40), At(image, 2 + 5, 4));
        Assert.Equal((16, 18, 24), At(image, 2 + 6, 2));
        Assert.Equal((70, 150, 255), At(image, 19 + 12, 2 + 6));
        Assert.Equal((64, 64, 64), At(image, 18, 5));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Fewer_events_are_fainter_and_the_ground_may_be_white()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "sheet.png");
        EventImages.WriteContactSheet(path, Two, new() { Scale = 1, OnWhite = true, FullCount = 2, Columns = 1 });
        var image = ImageDecoder.Decode(File.ReadAllBytes(path), path);
        Assert.Equal((9, 2 + 3 + 2 + 3 + 2), (image.Width, image.Height));
        Assert.Equal((255, 255, 255), At(image, 2, 2));
        Assert.Equal((0, 90, 190), At(image, 6, 9));
        Assert.Equal((240, 199, 166), At(image, 3, 2)); // 35 % of the way from white to (213, 94, 0)
    }

    [Fact]
    public void An_animation_holds_every_frame_in_chunks_with_right_sums_and_rising_numbers()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "clip.png");
        var frames = EventFrames.Of(RandomEvents.Rising(200, Sensor), new() { TimeSteps = 4 }, Sensor);
        EventImages.WriteAnimation(path, frames, new() { Scale = 2, FramesPerSecond = 20 });
        var chunks = Chunks(File.ReadAllBytes(path));

        Assert.Equal(
            ["IHDR", "acTL", "fcTL", "IDAT", "fcTL", "fdAT", "fcTL", "fdAT", "fcTL", "fdAT", "IEND"], chunks.Select(chunk => chunk.Name));
        Assert.Equal((4, 0), (Word(chunks[1].Data, 0), Word(chunks[1].Data, 4)));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6], chunks.Where(chunk => chunk.Name is "fcTL" or "fdAT").Select(chunk => Word(chunk.Data, 0)));
        Assert.All(chunks.Where(chunk => chunk.Name == "fcTL"), chunk =>
            Assert.Equal((10, 6, 50 << 16 | 1000), (Word(chunk.Data, 4), Word(chunk.Data, 8), Word(chunk.Data, 20))));

        var painter = new EventPainter(frames, new() { Scale = 2 });
        var pixels = chunks.Where(chunk => chunk.Name is "IDAT" or "fdAT")
            .Select(chunk => Unpack(chunk.Name == "IDAT" ? chunk.Data : chunk.Data[4..])).ToArray();
        for (var t = 0; t < 4; t++)
        {
            var rgb = new byte[3 * 10 * 6];
            painter.Paint(t, rgb, 30);
            Assert.Equal(rgb, pixels[t]);
        }
        Assert.Equal(10, ImageDecoder.Decode(File.ReadAllBytes(path), path).Width);
    }

    [Fact]
    public void One_frame_is_a_still_image()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "still.png");
        EventImages.WriteAnimation(path, EventFrames.Of([], new() { TimeSteps = 1, MergePolarity = true }, Sensor));
        Assert.Equal(["IHDR", "IDAT", "IEND"], Chunks(File.ReadAllBytes(path)).Select(chunk => chunk.Name));
    }

    [Fact]
    public void A_file_is_replaced_whole_and_a_failure_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("sheet.png", [1, 2, 3]);
        EventImages.WriteContactSheet(path, Two);
        Assert.True(new FileInfo(path).Length > 50);
        Assert.Throws<ArgumentException>(() => EventImages.WriteAnimation(path, Two, new() { Scale = 0 }));
        Assert.Throws<DirectoryNotFoundException>(() => EventImages.WriteAnimation(Path.Combine(folder.Path, "none", "a.png"), Two));
        Directory.CreateDirectory(Path.Combine(folder.Path, "taken.png"));
        Assert.ThrowsAny<Exception>(() => EventImages.WriteAnimation(Path.Combine(folder.Path, "taken.png"), Two));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    private static (int, int, int) At(RgbImage image, int x, int y) =>
        (image.Pixels[3 * ((y * image.Width) + x)], image.Pixels[(3 * ((y * image.Width) + x)) + 1],
            image.Pixels[(3 * ((y * image.Width) + x)) + 2]);

    private static int Word(byte[] data, int at) => BinaryPrimitives.ReadInt32BigEndian(data.AsSpan(at));

    private static List<(string Name, byte[] Data)> Chunks(byte[] file)
    {
        var chunks = new List<(string, byte[])>();
        for (var at = 8; at < file.Length;)
        {
            var length = Word(file, at);
            Assert.Equal((int)PngWriter.Crc32(file.AsSpan(at + 4, length + 4)), Word(file, at + 8 + length));
            chunks.Add((Encoding.ASCII.GetString(file, at + 4, 4), file[(at + 8)..(at + 8 + length)]));
            at += 12 + length;
        }
        return chunks;
    }

    // Six rows of filter byte 2 (each less the row above) and ten RGB pixels.
    private static byte[] Unpack(byte[] packed)
    {
        using var zlib = new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var rows = new MemoryStream();
        zlib.CopyTo(rows);
        var lines = rows.ToArray().Chunk(31).ToArray();
        Assert.All(lines, line => Assert.Equal(2, line[0]));
        for (var y = 1; y < lines.Length; y++)
        {
            for (var i = 1; i < 31; i++)
            {
                lines[y][i] += lines[y - 1][i];
            }
        }
        return [.. lines.SelectMany(line => line[1..])];
    }
}
