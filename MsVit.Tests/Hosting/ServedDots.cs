using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.ML;
using MsVit.MLNet.Hosting;
using MsVit.Tests.Support;

namespace MsVit.Tests.Hosting;

/// <summary>Two trained models of one task as files, images as PNG, and hosts that serve them.</summary>
public sealed class ServedDots : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ServedDots()
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadFromEnumerable(DotTask.Rows(150).Select(Image));
        First = Save(ml, data, "first.zip", seed: 1);
        Second = Save(ml, data, "second.zip", seed: 2);
        Images = [.. DotTask.Rows(24, seed: 3).Select(row => Image(row).Image)];
        Expected = Scores(ml, First);
        ExpectedOfSecond = Scores(ml, Second);
    }

    public string Folder => _folder.Path;

    public string First { get; }

    public string Second { get; }

    public IReadOnlyList<byte[]> Images { get; }

    /// <summary>What the first model says of the images, through ML.NET.</summary>
    public float[][] Expected { get; }

    public float[][] ExpectedOfSecond { get; }

    /// <summary>A host that has started.</summary>
    internal static async Task<IHost> Start(Action<MsVitServingOptions> configure, Action<IServiceCollection>? more = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new() { ContentRootPath = Path.GetTempPath() });
        builder.Logging.ClearProviders();
        builder.Services.AddMsVit(options =>
        {
            options.Device = "cpu";
            configure(options);
        });
        more?.Invoke(builder.Services);
        var host = builder.Build();
        try
        {
            await host.StartAsync();
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    public void Dispose() => _folder.Dispose();

    internal static EncodedDot Image(DotRow row)
    {
        var rgb = new byte[3 * DotTask.Size * DotTask.Size];
        for (var i = 0; i < rgb.Length; i++)
        {
            rgb[i] = (byte)row.Image[((i % 3) * DotTask.Size * DotTask.Size) + (i / 3)];
        }
        return new() { Label = row.Label, Image = PngWriter.Write(DotTask.Size, DotTask.Size, PngWriter.Rgb, 8, rgb) };
    }

    private string Save(MLContext ml, IDataView data, string name, int seed)
    {
        var path = Path.Combine(Folder, name);
        var model = DotTask.Pipeline(ml, DotTask.Options(o => (o.Seed, o.Recipe) = (seed, DotTask.Recipe with { MaxEpoch = 3 }))).Fit(data);
        ml.Model.Save(model, data.Schema, path);
        ((IDisposable)model).Dispose();
        return path;
    }

    private float[][] Scores(MLContext ml, string path)
    {
        var model = ml.Model.Load(path, out _);
        using var disposable = (IDisposable)model;
        return DotTask.Scores(model.Transform(ml.Data.LoadFromEnumerable(
            Images.Select(image => new EncodedDot { Label = "top", Image = image }))));
    }

    internal sealed class EncodedDot
    {
        public string Label { get; set; } = "";

        public byte[] Image { get; set; } = [];
    }
}
