using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data.Images;

public sealed class ImageDecoderTests
{
    /// <summary>The files that Assets/make_assets.py writes: four quarters of one color each.</summary>
    [Theory]
    [InlineData("quarters.bmp", 0)]
    [InlineData("lossless.webp", 0)]
    [InlineData("two-frames.gif", 0)]
    [InlineData("progressive.jpg", 2)]
    [InlineData("cmyk.jpg", 3)]
    [InlineData("ycck.jpg", 3)]
    [InlineData("cmyk-unmarked.jpg", 3)]
    public void Every_format_gives_the_same_four_quarters(string file, int tolerance)
    {
        var image = Decode(TestImages.Asset(file));
        Assert.Equal((48, 32), (image.Width, image.Height));
        AssertPixel(image, 12, 8, (180, 30, 40), tolerance);
        AssertPixel(image, 36, 8, (20, 160, 60), tolerance);
        AssertPixel(image, 12, 24, (30, 60, 170), tolerance);
        AssertPixel(image, 36, 24, (170, 170, 170), tolerance);
    }

    [Fact]
    public void Gray_becomes_three_equal_channels()
    {
        var image = Decode(PngWriter.Write(2, 1, PngWriter.Gray, 8, [10, 200]));
        Assert.Equal([10, 10, 10, 200, 200, 200], image.Pixels);
    }

    [Fact]
    public void One_bit_a_pixel_is_black_or_white()
    {
        var image = Decode(PngWriter.Write(2, 1, PngWriter.Gray, 1, [0b0100_0000]));
        Assert.Equal([0, 0, 0, 255, 255, 255], image.Pixels);
    }

    [Fact]
    public void Sixteen_bits_a_channel_become_eight()
    {
        var gray = Decode(PngWriter.Write(2, 1, PngWriter.Gray, 16, [0x12, 0x34, 0xFF, 0xFF]));
        Assert.Equal([0x12, 0x12, 0x12, 255, 255, 255], gray.Pixels);
        var color = Decode(PngWriter.Write(1, 1, PngWriter.Rgb, 16, [0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC]));
        Assert.Equal([0x12, 0x56, 0x9A], color.Pixels);
    }

    [Fact]
    public void A_palette_is_looked_up_and_its_transparent_entries_are_white()
    {
        var image = Decode(PngWriter.Write(
            3, 1, PngWriter.Palette, 8, [0, 1, 2], ("PLTE", [1, 2, 3, 40, 50, 60, 70, 80, 90]), ("tRNS", [255, 0])));
        Assert.Equal([1, 2, 3, 255, 255, 255, 70, 80, 90], image.Pixels);
    }

    [Fact]
    public void Transparency_is_laid_over_white()
    {
        var image = Decode(PngWriter.Write(3, 1, PngWriter.Rgba, 8, [200, 100, 0, 255, 200, 100, 0, 128, 200, 100, 0, 0]));
        // 200 * 128/255 + 127 = 227.4, 100 * 128/255 + 127 = 177.2
        Assert.Equal([200, 100, 0, 227, 177, 127, 255, 255, 255], image.Pixels);
    }

    [Fact]
    public void Gray_with_transparency_is_laid_over_white()
    {
        var image = Decode(PngWriter.Write(2, 1, PngWriter.GrayAlpha, 8, [50, 255, 50, 0]));
        Assert.Equal([50, 50, 50, 255, 255, 255], image.Pixels);
    }

    /// <summary>The corner in which the stored first pixel (red) is shown, by the eight values of EXIF, and the one to its right
    /// (green).</summary>
    [Theory]
    [InlineData(1, 0, 0, 1, 0)]
    [InlineData(2, 1, 0, 0, 0)]
    [InlineData(3, 1, 1, 0, 1)]
    [InlineData(4, 0, 1, 1, 1)]
    [InlineData(5, 0, 0, 0, 1)]
    [InlineData(6, 1, 0, 1, 1)]
    [InlineData(7, 1, 1, 1, 0)]
    [InlineData(8, 0, 1, 0, 0)]
    public void The_orientation_of_EXIF_is_applied(int orientation, int redX, int redY, int greenX, int greenY)
    {
        var image = Decode(TestImages.WithExifOrientation(TestImages.Asset("progressive.jpg"), orientation));
        Assert.Equal(orientation < 5 ? (48, 32) : (32, 48), (image.Width, image.Height));
        AssertPixel(image, Quarter(redX, image.Width), Quarter(redY, image.Height), (180, 30, 40), 2);
        AssertPixel(image, Quarter(greenX, image.Width), Quarter(greenY, image.Height), (20, 160, 60), 2);

        static int Quarter(int half, int size) => (size / 4) + (half * size / 2);
    }

    [Fact]
    public void The_orientation_of_a_WebP_is_applied_too()
    {
        var image = Decode(TestImages.Asset("turned.webp"));
        Assert.Equal((32, 48), (image.Width, image.Height));
        AssertPixel(image, 24, 12, (180, 30, 40), 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(65535)]
    public void An_orientation_outside_EXIF_leaves_the_image_as_stored(int orientation)
    {
        var image = Decode(TestImages.WithExifOrientation(TestImages.Asset("progressive.jpg"), orientation));
        AssertPixel(image, 12, 8, (180, 30, 40), 2);
    }

    [Fact]
    public void An_empty_file_is_refused_by_name()
    {
        var error = Assert.Throws<UndecodableImageException>(() => ImageDecoder.Decode([], "cats/1.png"));
        Assert.Equal("cats/1.png", error.ImageSource);
        Assert.StartsWith("cats/1.png: The image is empty", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_that_cannot_be_decoded_is_called_what_it_is()
    {
        Assert.Contains("It is an HTML page", Refusal("<html></html>"u8), StringComparison.Ordinal);
        Assert.Contains("It is filled with zeros", Refusal(new byte[500]), StringComparison.Ordinal);
        Assert.Contains("It is an image of the format TIFF", Refusal("II*\0\u0008"u8), StringComparison.Ordinal);
        Assert.Contains("Convert it to PNG or JPEG", Refusal("II*\0\u0008"u8), StringComparison.Ordinal);
        Assert.Contains("The JPEG image is cut short", Refusal([0xFF, 0xD8, 0xFF, 0xE0]), StringComparison.Ordinal);

        static string Refusal(ReadOnlySpan<byte> bytes)
        {
            try
            {
                _ = ImageDecoder.Decode(bytes, "row 7");
                return "";
            }
            catch (UndecodableImageException e)
            {
                return e.Message;
            }
        }
    }

    [Fact]
    public void Bytes_of_no_known_format_are_refused_and_shown()
    {
        var error = Assert.Throws<UndecodableImageException>(() => ImageDecoder.Decode("<html></html>"u8, "row 7"));
        Assert.Contains("begin with 3C68746D6C3E3C2F", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("quarters.bmp")]
    [InlineData("lossless.webp")]
    [InlineData("two-frames.gif")]
    [InlineData("progressive.jpg")]
    [InlineData("cmyk.jpg")]
    public void A_file_cut_off_anywhere_is_refused_unless_every_pixel_is_there(string file)
    {
        var encoded = TestImages.Asset(file);
        var whole = Decode(encoded).Pixels;
        var refused = 0;
        for (var length = 1; length < encoded.Length; length++)
        {
            try
            {
                Assert.Equal(whole, Decode(encoded[..length]).Pixels);
            }
            catch (UndecodableImageException)
            {
                refused++;
            }
        }
        Assert.True(refused >= encoded.Length * 0.2, $"{refused} of {encoded.Length} refused");
    }

    [Fact]
    public void An_image_above_the_pixel_limit_is_refused_before_memory_is_taken()
    {
        var png = PngWriter.Write(50_000, 1, PngWriter.Gray, 1, new byte[6250]);
        new byte[] { 0, 0, 0xC3, 0x50 }.CopyTo(png, 20); // The header claims 50,000 rows.
        TestImages.RepairHeaderChecksum(png);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<UndecodableImageException>(() => Decode(png));
        Assert.Contains("50000 x 50000 = 2500000000 pixels; at most 178956970", error.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000_000);
    }

    [Fact]
    public void The_pixel_limit_itself_is_allowed()
    {
        var png = PngWriter.Write(4, 4, PngWriter.Gray, 8, new byte[16]);
        Assert.Equal(4, ImageDecoder.Decode(png, "x", maxPixels: 16).Width);
        Assert.Throws<UndecodableImageException>(() => ImageDecoder.Decode(png, "x", maxPixels: 15));
    }

    [Fact]
    public void A_side_longer_than_a_JPEG_can_have_is_refused()
    {
        var png = PngWriter.Write(65_536, 1, PngWriter.Gray, 8, new byte[65_536]);
        Assert.Contains("no side may exceed 65535", Assert.Throws<UndecodableImageException>(() => Decode(png)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_JPEG_for_a_small_target_is_decoded_at_reduced_scale_but_never_below_twice_the_target()
    {
        var jpeg = TestImages.EncodeJpeg(640, 480);
        Assert.Equal((160, 120), Size(jpeg, target: 60)); // 1/4; 1/8 would leave 80 x 60
        Assert.Equal((320, 240), Size(jpeg, target: 61));
        Assert.Equal((640, 480), Size(jpeg, target: 121));
        var turned = TestImages.WithExifOrientation(jpeg, 6);
        Assert.Equal((120, 160), Size(turned, target: 60));

        static (int, int) Size(byte[] jpeg, int target)
        {
            var image = ImageDecoder.Decode(jpeg, "x", new ImageFitter(target, target, 3));
            return (image.Width, image.Height);
        }
    }

    [NeedsSharedFact("data/images/rocket.jpg")]
    public void A_photograph_decoded_at_reduced_scale_looks_the_same_after_the_resize()
    {
        var jpeg = File.ReadAllBytes(RepositoryRoot.Shared("data/images/rocket.jpg"));
        var fitter = new ImageFitter(64, 64, 3);
        var (reduced, full) = (new byte[fitter.Length], new byte[fitter.Length]);
        var small = ImageDecoder.Decode(jpeg, "rocket.jpg", fitter);
        fitter.Fit(small, reduced);
        fitter.Fit(Decode(jpeg), full);
        Assert.Equal((320, 214), (small.Width, small.Height));
        Assert.InRange(reduced.Zip(full, (a, b) => Math.Abs(a - b)).Average(), 0, 1);
    }

    [NeedsSharedTheory("data/images")]
    [InlineData("astronaut.png", 512, 512)]
    [InlineData("camera.png", 512, 512)]
    [InlineData("chelsea.png", 451, 300)]
    [InlineData("coffee.png", 600, 400)]
    [InlineData("rocket.jpg", 640, 427)]
    public void Photographs_are_decoded_whole_and_refused_when_cut_short(string file, int width, int height)
    {
        var encoded = File.ReadAllBytes(RepositoryRoot.Shared("data/images", file));
        var image = Decode(encoded);
        Assert.Equal((width, height), (image.Width, image.Height));
        for (var share = 1; share < 20; share++)
        {
            Assert.Throws<UndecodableImageException>(() => Decode(encoded[..(encoded.Length * share / 20)]));
        }
    }

    private static RgbImage Decode(byte[] encoded) => ImageDecoder.Decode(encoded, "test");

    private static void AssertPixel(RgbImage image, int x, int y, (int R, int G, int B) expected, int tolerance)
    {
        var at = ((y * image.Width) + x) * 3;
        Assert.InRange(image.Pixels[at], expected.R - tolerance, expected.R + tolerance);
        Assert.InRange(image.Pixels[at + 1], expected.G - tolerance, expected.G + tolerance);
        Assert.InRange(image.Pixels[at + 2], expected.B - tolerance, expected.B + tolerance);
    }
}
