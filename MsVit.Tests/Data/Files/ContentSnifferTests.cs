using System.Text;
using MsVit.MLNet;
using MsVit.MLNet.Events;
using MsVit.Tests.Data.Events;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data.Files;

public sealed class ContentSnifferTests
{
    public static TheoryData<string> Recordings => [.. AllFormats.Names];

    [Theory]
    [MemberData(nameof(Recordings))]
    public void Every_format_of_recordings_is_recognized(string name)
    {
        CameraEvent[] events =
            [.. Enumerable.Range(0, 300).Select(i => new CameraEvent(10 * i, (ushort)(i % 50), (ushort)(i % 40), i % 3 == 0))];
        Assert.Equal(ContentKind.Recording, Of(AllFormats.Bytes(name, events), name).Kind);
    }

    [Theory]
    [InlineData("photo")]
    [InlineData("photo.txt")]
    [InlineData("photo.dat")]
    [InlineData("photo.bin")]
    [InlineData("photo.tif")]
    public void An_image_is_an_image_whatever_its_name(string name)
    {
        Assert.Equal(new(ContentKind.Image, "PNG"), Of(SampleFiles.Png(1), name));
        Assert.Equal(new(ContentKind.Image, "JPEG"), Of(SampleFiles.Jpeg(1), name));
        Assert.Equal(new(ContentKind.Image, "WebP"), Of(SampleFiles.WebP(1), name));
        Assert.Equal(new(ContentKind.Image, "GIF"), Of([.. "GIF89a"u8, 1, 0, 1, 0], name));
        if (name != "photo.bin")
        {
            Assert.Equal(new(ContentKind.Image, "BMP"),
                Of([.. "BM"u8, 70, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 2, 0, 0, 0], name));
        }
    }

    [Theory]
    [InlineData("TIFF", "II*\0")]
    [InlineData("TIFF", "MM\0*")]
    [InlineData("TIFF", "II+\0")]
    [InlineData("HEIC", "\0\0\0\u0018ftypheic")]
    [InlineData("HEIC", "\0\0\0\u001cftypmif1")]
    [InlineData("AVIF", "\0\0\0\u0020ftypavif")]
    [InlineData("JPEG XL", "\0\0\0\u000cJXL \r\n")]
    [InlineData("JPEG 2000", "\0\0\0\u000cjP  \r\n")]
    [InlineData("PSD", "8BPS\0\u0001")]
    [InlineData("PNM", "P6\n48 40\n255\n")]
    [InlineData("PNM", "P5 2 2 255\n")]
    [InlineData("SVG", "<?xml version=\"1.0\"?><svg xmlns=\"x\">")]
    [InlineData("SVG", "<svg width=\"1\">")]
    [InlineData("QOI", "qoif\0\0\0\u0001")]
    [InlineData("DDS", "DDS |\0\0\0")]
    public void An_image_that_the_decoder_does_not_read_is_named(string name, string head) =>
        Assert.Equal(new(ContentKind.OtherImage, name), Of(Encoding.Latin1.GetBytes(head), "a.jpg"));

    [Theory]
    [InlineData("an HTML page", "<html>404</html>")]
    [InlineData("an HTML page", "\r\n  <!DOCTYPE html>\n<p>")]
    [InlineData("an HTML page", "\uFEFF<HTML lang='de'>")]
    [InlineData("XML", "<annotation><folder>x</folder>")]
    [InlineData("text", "{ \"label\": 3 }")]
    [InlineData("text", "Prüfung: größer")]
    [InlineData("text", "BM is no bitmap here, only a text")]
    [InlineData("text", "qoif is text too")]
    public void A_text_is_named(string name, string text) =>
        Assert.Equal(new(ContentKind.Text, name), Of(Encoding.UTF8.GetBytes(text), "a.png"));

    [Theory]
    [InlineData("a PDF", "%PDF-1.7\n")]
    [InlineData("a zip archive", "PK\u0003\u0004\u0014\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\u0005\0\0\0a.txt")]
    [InlineData("a gzip archive", "\u001f\u008b\u0008\0")]
    [InlineData("an HDF5 file", "\u0089HDF\r\n\u001a\n")]
    [InlineData("a ROS bag", "#ROSBAG V2.0\n")]
    [InlineData("a video", "\0\0\0\u0018ftypisom")]
    [InlineData("a Git LFS pointer: run 'git lfs pull'", "version https://git-lfs.github.com/spec/v1\noid sha256:1\n")]
    [InlineData("of an unknown format", "\u0001\u0002\u0003")]
    public void Anything_else_is_named(string name, string head) =>
        Assert.Equal(new(ContentKind.Other, name), Of(Encoding.Latin1.GetBytes(head), "a.png"));

    [Fact]
    public void Nothing_and_zeros_are_told_apart()
    {
        Assert.Equal(FileContent.Empty, Of([], "a.png"));
        Assert.Equal(FileContent.Zeros, Of(new byte[5000], "a.png"));
        Assert.Equal(FileContent.Zeros, Of(new byte[5000], "a.bin"));
        // One event at the corner of the sensor.
        Assert.Equal(ContentKind.Recording, Of(new byte[5], "a.bin").Kind);
    }

    [Fact]
    public void A_NumPy_array_of_features_is_no_recording()
    {
        Assert.Equal(ContentKind.Recording, Of(Npy("<i8", "(120, 4)"), "a.npy").Kind);
        Assert.Equal(ContentKind.Recording, Of(Npy("<f4", "(4, 120)"), "a.npy").Kind);
        Assert.Equal(ContentKind.Other, Of(Npy("<f4", "(512,)"), "a.npy").Kind);
        Assert.Equal(ContentKind.Other, Of(Npy("|u1", "(64, 64, 3)"), "a.npy").Kind);

        static byte[] Npy(string type, string shape)
        {
            var header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}\n";
            return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), 0, 0, 0, 0];
        }
    }

    [Theory]
    [InlineData("t,x,y,p\n1,2,3,1\n")]
    [InlineData("t,x,y,p\n")]
    [InlineData("timestamp;x;y;polarity\n1;2;3;1\n")]
    [InlineData("# events\n1747 4 0 0\n2127 19 32 1\n")]
    [InlineData("34 34\n1747 4 0 0\n")]
    [InlineData("%geometry:34,34\n4,0,0,1747\n19,32,1,2127\n")]
    [InlineData("0.0017 4 0 0\n0.0021 19 32 1\n")]
    [InlineData("1\t2\t3\tTrue\n")]
    [InlineData("5,1,2,-1\r\n6,1,2,1\r\n")]
    [InlineData("\uFEFFt,x,y,p\n1,2,3,1\n")]
    public void A_text_of_events_is_a_recording(string text) =>
        Assert.Equal(ContentKind.Recording, Of(Encoding.UTF8.GetBytes(text), "a.txt").Kind);

    [Theory]
    [InlineData("0 0.5 0.5 0.2 0.2\n")]
    [InlineData("0 0.5 0.5 1 1\n1 0.2 0.2 0.1 0.1\n")]
    [InlineData("12,30,100,50\n")]
    [InlineData("path,label\na.png,cat\n")]
    [InlineData("7\n")]
    [InlineData("cat\n")]
    [InlineData("1 2 3\n4 5 6\n")]
    [InlineData("name;age\nx;3\n")]
    [InlineData("1,2,3,1\n5,4\n")]
    [InlineData("# only a comment\n")]
    public void Labels_boxes_and_notes_are_no_recordings(string text) =>
        Assert.Equal(new(ContentKind.Text, "text"), Of(Encoding.UTF8.GetBytes(text), "a.txt"));

    private static FileContent Of(byte[] bytes, string name) =>
        ContentSniffer.Of(bytes.AsSpan(0, Math.Min(bytes.Length, ContentSniffer.HeadLength)), bytes.Length, name);
}
