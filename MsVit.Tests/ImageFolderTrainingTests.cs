using Microsoft.ML;
using Microsoft.ML.Data;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests;

/// <summary>The way from a folder of image files, through each of the loaders that a user may take.</summary>
public sealed class ImageFolderTrainingTests : IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly string _folder = Directory.CreateTempSubdirectory("msvit-folder-").FullName;

    public ImageFolderTrainingTests()
    {
        foreach (var (i, row) in DotTask.Rows(12).Index())
        {
            var pixels = new byte[DotTask.Size * DotTask.Size * 4];
            for (var k = 0; k < pixels.Length; k++)
            {
                pixels[k] = k % 4 == 3 ? byte.MaxValue : (byte)row.Image[k % 4 * DotTask.Size * DotTask.Size + k / 4];
            }
            using var image = MLImage.CreateFromPixels(DotTask.Size, DotTask.Size, MLPixelFormat.Rgba32, pixels);
            Directory.CreateDirectory(Path.Combine(_folder, row.Label));
            image.Save(Path.Combine(_folder, row.Label, $"{i:00}.png"));
        }
    }

    [Fact]
    public void Every_loader_of_the_same_files_gives_the_same_model()
    {
        var folder = _ml.Data.LoadImageFolder(_folder);
        var paths = _ml.Transforms.DropColumns("Image").Fit(folder).Transform(folder);
        var decoded = _ml.Transforms.LoadImages("Image", "", "ImagePath").Fit(paths).Transform(paths);
        var encoded = _ml.Transforms.LoadRawImageBytes("Image", "", "ImagePath").Fit(paths).Transform(paths);
        var pixels = _ml.Transforms.ExtractPixels("Image", outputAsFloatArray: false).Fit(Sized(decoded)).Transform(Sized(decoded));

        var expected = Scores(folder);
        Assert.Equal(12, expected.Length);
        Assert.Equal(expected, Scores(decoded));
        Assert.Equal(expected, Scores(encoded));
        Assert.Equal(expected, Scores(pixels));
    }

    [Theory]
    [InlineData(SampleStorage.Auto, 0)]
    [InlineData(SampleStorage.Auto, 1000)]
    [InlineData(SampleStorage.Encoded, 1000)]
    [InlineData(SampleStorage.Decoded, 0)]
    public void The_form_in_which_samples_are_kept_does_not_change_the_model(SampleStorage storage, long memoryBudget)
    {
        var data = _ml.Data.LoadImageFolder(_folder);
        var waits = new List<double>();
        Assert.Equal(Scores(data), Scores(data, o =>
        {
            o.SampleStorage = storage;
            o.MemoryBudget = memoryBudget;
            o.WorkspacePath = Path.Combine(_folder, "work");
            o.Workers = 3;
            o.Progress = report => waits.Add(report.LoaderWaitShare);
        }));
        Assert.All(waits, share => Assert.InRange(share, 0, 1));
        Assert.NotEmpty(waits);
    }

    [Fact]
    public void Images_of_another_size_are_resized_the_same_in_training_and_scoring()
    {
        var options = DotTask.Options(o =>
        {
            o.Network = DotTask.Network with { Height = 12, Width = 10 };
            o.Recipe = DotTask.Recipe with { MaxEpoch = 1 };
        });
        var data = _ml.Data.LoadImageFolder(_folder);
        var model = DotTask.Pipeline(_ml, options).Fit(data);
        using (model as IDisposable)
        {
            Assert.All(DotTask.Scores(model.Transform(data)), scores => Assert.Equal(1, scores.Sum(), 4));
        }
    }

    [Fact]
    public void A_gray_network_takes_color_images()
    {
        var options = DotTask.Options(o =>
        {
            o.Network = DotTask.Network with { Channels = 1 };
            o.Recipe = DotTask.Recipe with { MaxEpoch = 1 };
        });
        var data = _ml.Data.LoadImageFolder(_folder);
        var model = DotTask.Pipeline(_ml, options).Fit(data);
        using (model as IDisposable)
        {
            Assert.Equal(12, DotTask.Scores(model.Transform(data)).Length);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private IDataView Sized(IDataView data) => _ml.Transforms.ResizeImages("Image", DotTask.Size, DotTask.Size).Fit(data).Transform(data);

    private float[][] Scores(IDataView data, Action<MsVitOptions>? change = null)
    {
        var model = DotTask.Pipeline(_ml, DotTask.Options(o =>
        {
            o.Recipe = DotTask.Recipe with { MaxEpoch = 1 };
            change?.Invoke(o);
        })).Fit(data);
        using (model as IDisposable)
        {
            return DotTask.Scores(model.Transform(data));
        }
    }
}
