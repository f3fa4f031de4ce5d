using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;
using MsVit.MLNet.Hosting;
using MsVit.Tests.Support;

namespace MsVit.Tests.Hosting;

public sealed class StartTests(ServedDots dots) : IClassFixture<ServedDots>
{
    [Fact]
    public async Task Options_that_cannot_work_are_named_all_at_once()
    {
        var e = await Assert.ThrowsAsync<OptionsValidationException>(() => ServedDots.Start(options =>
        {
            (options.Device, options.MaxBatchSize, options.QueueCapacity, options.Deadline) = ("gpu", 0, -1, TimeSpan.Zero);
        }));
        Assert.All(["ModelPath is empty", "Device is 'gpu'", "MaxBatchSize is 0", "QueueCapacity is -1", "Deadline is 00:00:00"],
            fault => Assert.Contains(fault, e.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_unknown_name_in_the_configuration_is_refused()
    {
        var section = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["ModelPat"] = "x" }).Build();
        var e = await Assert.ThrowsAnyAsync<Exception>(() => ServedDots.Start(
            options => options.ModelPath = dots.First, services => services.AddMsVit("other", section)));
        Assert.Contains("ModelPat", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_is_not_there_or_damaged_stops_the_start_in_words()
    {
        var missing = await Assert.ThrowsAsync<FileNotFoundException>(() => ServedDots.Start(options => options.ModelPath = "none.zip"));
        Assert.Contains(Path.Combine(Path.GetTempPath(), "none.zip"), missing.Message, StringComparison.Ordinal);

        var damaged = Path.Combine(dots.Folder, "damaged.zip");
        var bytes = File.ReadAllBytes(dots.First);
        File.WriteAllBytes(damaged, bytes[..(bytes.Length / 2)]);
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => ServedDots.Start(options => options.ModelPath = damaged));
        Assert.Contains(damaged, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipeline_with_a_step_that_serving_would_leave_out_is_refused_by_name()
    {
        var ml = new MLContext(seed: 1);
        var rows = DotTask.Rows(30).Select(row => new Row
        {
            Label = row.Label,
            Image = MLImage.CreateFromStream(new MemoryStream(ServedDots.Image(row).Image))
        }).ToArray();
        var data = ml.Data.LoadFromEnumerable(rows);
        var model = ml.Transforms.ConvertToGrayscale("Image")
            .Append(DotTask.Pipeline(ml, DotTask.Options(o => o.Recipe = DotTask.Recipe with { MaxEpoch = 1 }))).Fit(data);
        var path = Path.Combine(dots.Folder, "gray.zip");
        ml.Model.Save(model, data.Schema, path);
        ((IDisposable)model).Dispose();
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => ServedDots.Start(options => options.ModelPath = path));
        Assert.Contains("ImageGrayscalingTransformer", e.Message, StringComparison.Ordinal);
    }

    private sealed class Row
    {
        public string Label { get; set; } = "";

        [ImageType(DotTask.Size, DotTask.Size)]
        public MLImage? Image { get; set; }
    }
}
