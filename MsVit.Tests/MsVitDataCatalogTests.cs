using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests;

public sealed class MsVitDataCatalogTests : IDisposable
{
    private readonly MLContext _context = new(1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_image_folder_gives_label_encoded_bytes_and_path()
    {
        var cat = _folder.Write("cat/1.png", [1, 2, 3]);
        var dog = _folder.Write("dog/2.png", [4, 5]);
        var view = _context.Data.LoadImageFolder(_folder.Path);
        Assert.Equal(["cat", "dog"], view.GetColumn<string>(ImageColumns.Label));
        Assert.Equal([cat, dog], view.GetColumn<string>(ImageColumns.ImagePath));
        Assert.Equal([[1, 2, 3], [4, 5]], view.GetColumn<byte[]>(ImageColumns.Image));
        Assert.Equal(new VectorDataViewType(NumberDataViewType.Byte), view.Schema[ImageColumns.Image].Type);
    }

    [Fact]
    public void A_file_is_read_only_if_its_bytes_are_asked_for_and_is_not_locked()
    {
        var cat = _folder.Write("cat/1.png", [1, 2, 3]);
        _folder.Write("dog/2.png", []);
        var view = _context.Data.LoadImageFolder(_folder.Path);
        using (var cursor = view.GetRowCursor(view.Schema))
        {
            var image = cursor.GetGetter<VBuffer<byte>>(view.Schema[ImageColumns.Image]);
            var bytes = default(VBuffer<byte>);
            cursor.MoveNext();
            image(ref bytes);
            File.Delete(cat);
        }
        Assert.Equal(["cat", "dog"], view.GetColumn<string>(ImageColumns.Label));
        Assert.Throws<FileNotFoundException>(() => view.GetColumn<byte[]>(ImageColumns.Image).ToArray());
    }

    [Fact]
    public void The_bytes_of_a_shorter_file_replace_those_of_a_longer_one()
    {
        _folder.Write("a/1.png", [1, 2, 3, 4]);
        _folder.Write("b/2.png", []);
        _folder.Write("c/3.png", [9]);
        Assert.Equal([[1, 2, 3, 4], [], [9]], _context.Data.LoadImageFolder(_folder.Path).GetColumn<byte[]>(ImageColumns.Image));
    }

    [Fact]
    public void CIFAR_10_files_follow_one_another()
    {
        var first = _folder.Write("1.bin", [0, .. new byte[3072], 1, .. new byte[3072]]);
        var second = _folder.Write("2.bin", [9, .. Enumerable.Repeat((byte)200, 1024), .. Enumerable.Repeat((byte)100, 1024),
            .. new byte[1024]]);
        var view = _context.Data.LoadCifar10(first, second);
        Assert.Equal(["airplane", "automobile", "truck"], view.GetColumn<string>(ImageColumns.Label));
        Assert.Equal(3, view.GetRowCount());
        Assert.Equal(new ImageDataViewType(32, 32), view.Schema[ImageColumns.Image].Type);

        var last = view.GetColumn<MLImage>(ImageColumns.Image).Last();
        Assert.Equal([200, 100, 0], MLImagePixels.ToRgb(last).Pixels[..3]);
    }

    [Fact]
    public void CIFAR_100_adds_the_coarse_label()
    {
        var view = _context.Data.LoadCifar100(_folder.Write("1.bin", [19, 99, .. new byte[3072]]));
        Assert.Equal(["worm"], view.GetColumn<string>(ImageColumns.Label));
        Assert.Equal(["vehicles_2"], view.GetColumn<string>(ImageColumns.CoarseLabel));
    }

    [Fact]
    public void CIFAR_without_files_is_refused() => Assert.Throws<ArgumentException>(() => _context.Data.LoadCifar10());

    [Fact]
    public void Shapes_are_those_of_the_seed()
    {
        var view = _context.Data.LoadShapeImages(20, seed: 4, imageSize: 24);
        Assert.Equal(ShapeImages.ClassNames.Concat(ShapeImages.ClassNames), view.GetColumn<string>(ImageColumns.Label));
        var planar = new byte[3 * 24 * 24];
        new ShapeImages(4, 24).Draw(13, planar);
        var image = view.GetColumn<MLImage>(ImageColumns.Image).ElementAt(13);
        Assert.Equal(planar[0], MLImagePixels.ToRgb(image).Pixels[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => _context.Data.LoadShapeImages(0));
    }

    [Fact]
    public void A_getter_disposes_of_the_image_that_it_replaces_and_leaves_the_last_one()
    {
        var view = _context.Data.LoadShapeImages(2);
        MLImage? slot = null;
        MLImage first;
        using (var cursor = view.GetRowCursor(view.Schema))
        {
            var getter = cursor.GetGetter<MLImage>(view.Schema[ImageColumns.Image]);
            cursor.MoveNext();
            getter(ref slot!);
            first = slot;
            cursor.MoveNext();
            getter(ref slot);
        }
        Assert.Throws<InvalidOperationException>(() => first.Width);
        Assert.Equal(32, slot.Width);
        slot.Dispose();
    }

    [Fact]
    public void MLNets_own_pixel_extractor_reads_the_images()
    {
        var view = _context.Data.LoadShapeImages(3);
        var pixels = _context.Transforms.ExtractPixels("Pixels", ImageColumns.Image).Fit(view).Transform(view);
        var planar = new byte[3 * 32 * 32];
        new ShapeImages(0).Draw(2, planar);
        Assert.Equal(planar.Select(value => (float)value), pixels.GetColumn<float[]>("Pixels").Last());
    }
}
