using MsVit.MLNet;
using MsVit.Tests.Data.Images;
using MsVit.Tests.Golden;
using MsVit.Tests.Support;

namespace MsVit.Tests.Training.Augmentation;

/// <summary>A sheet to look at: a row for each operation at rising magnitudes, then whole samples of a recipe.</summary>
public sealed class ImageSheetTests
{
    private const int Side = 96;
    private const int Columns = 6;
    private static readonly ImageShape Shape = new(3, Side, Side);
    private static readonly double[] Magnitudes = [2, 5, 9];

    [Fact]
    public void Every_operation_is_seen_on_a_sheet_and_changes_the_image()
    {
        var image = Image();
        var source = new byte[Shape.Length];
        new ImageFitter(Side, Side, 3).Fit(image, source);
        var operations = new ImageOperations(WarpFilter.Bicubic, [124, 116, 104]);
        var cells = new List<byte[]>();
        foreach (var operation in Enum.GetValues<ImageOperation>())
        {
            for (var column = 0; column < Columns; column++)
            {
                var cell = (byte[])source.Clone();
                var argument = OperationArgument.Of(operation, Magnitudes[column % Magnitudes.Length],
                    negative: column >= Magnitudes.Length);
                operations.Apply(operation, argument, cell, Shape);
                Assert.False(cell.AsSpan().SequenceEqual(source), $"{operation} at {argument} changes nothing");
                cells.Add(cell);
            }
        }
        var recipe = new ImageRecipe
        {
            RandomResizedCrop = new(),
            ColorJitter = new()
            {
                Brightness = FactorRange.About(0.3),
                Contrast = FactorRange.About(0.3),
                Saturation = FactorRange.About(0.3)
            },
            RandAugment = RandAugment.Parse("rand-m9-mstd0.5-inc1"),
        };
        var augmentation = new ImageAugmentation(recipe, new SampleShape(3, Side, Side, IsFloat: false), operations.Fill);
        for (var i = 0ul; i < 2 * Columns; i++)
        {
            var cell = new byte[Shape.Length];
            var random = RandomStream.For(RandomPurpose.Augmentation, 1, 1, i);
            augmentation.Apply(image, cell, ref random);
            Assert.False(cell.AsSpan().SequenceEqual(source));
            cells.Add(cell);
        }

        var path = Path.Combine(AppContext.BaseDirectory, "augmentation-sheet.png");
        File.WriteAllBytes(path, Sheet(cells));
        var sheet = ImageDecoder.Decode(File.ReadAllBytes(path), path);
        Assert.Equal((Columns * Side, 17 * Side), (sheet.Width, sheet.Height));
        Assert.Equal(cells[Columns], TestImages.ToPlanar(TestImages.Crop(sheet, new(0, Side, Side, Side))));
    }

    private static RgbImage Image()
    {
        var photo = RepositoryRoot.Shared(AugmentFolder.Photos, "chelsea.png");
        if (File.Exists(photo))
        {
            return ImageDecoder.Decode(File.ReadAllBytes(photo), photo);
        }
        var drawn = new byte[3 * 128 * 128];
        new ShapeImages(seed: 1, 128).Draw(0, drawn);
        return TestImages.FromPlanar(drawn, 128, 128);
    }

    private static byte[] Sheet(List<byte[]> cells)
    {
        var (width, height) = (Columns * Side, cells.Count / Columns * Side);
        var rows = new byte[3 * width * height];
        for (var i = 0; i < cells.Count; i++)
        {
            var (left, top) = (i % Columns * Side, i / Columns * Side);
            for (var k = 0; k < Shape.Length; k++)
            {
                var (c, y, x) = (k / Shape.Plane, k % Shape.Plane / Side, k % Side);
                rows[((((top + y) * width) + left + x) * 3) + c] = cells[i][k];
            }
        }
        return PngWriter.Write(width, height, PngWriter.Rgb, 8, rows);
    }
}
