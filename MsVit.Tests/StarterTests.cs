using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Tests.Support;
using TorchSharp;

namespace MsVit.Tests;

/// <summary>The starting models that ship with the library, and training that begins from one by default.</summary>
public sealed class StarterTests : IDisposable
{
    private const int LargestFile = 4_000_000;

    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _log = [];

    public StarterTests() => _ml.Log += (_, e) => _log.Add(e.Message);

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Names => [.. MsVitStarter.Names];

    [Fact]
    public void There_is_one_for_small_images_and_one_for_larger_ones() => Assert.Equal(["starter-32", "starter-64"], MsVitStarter.Names);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_starting_model_says_where_it_comes_from_and_has_one_time_step_of_integer_spikes(string name)
    {
        var starter = MsVitStarter.Find(name.ToUpperInvariant());
        Assert.Equal((name, NeuronKind.IntegerLif, 1), (starter.Network.Name, starter.Network.Neuron, starter.Network.TimeSteps));
        Assert.All(
            new[] { starter.Accuracy, starter.Data, starter.Terms, starter.Command, starter.NotFor }, Assert.NotEmpty);
        Assert.Equal(starter.Date, DateOnly.ParseExact(starter.Date, "yyyy-MM-dd").ToString("yyyy-MM-dd"));
        Assert.InRange(starter.Operations, starter.Parameters, long.MaxValue);
        using var stream = typeof(MsVitStarter).Assembly.GetManifestResourceStream(
            StarterCard.All.Single(card => card.Name == name).Weights)!;
        Assert.InRange(stream.Length, 1, LargestFile);

        using var loaded = MsVitStarter.Load(name);
        Assert.Empty(loaded.Labels);
        var head = loaded.Model.Network.Head.parameters().Sum(parameter => parameter.numel());
        Assert.Equal(starter.Parameters, loaded.ParameterCount - head);
    }

    [Fact]
    public void An_unknown_name_suggests_the_nearest()
    {
        var message = Assert.Throws<ArgumentException>(() => MsVitStarter.Load("starter64")).Message;
        Assert.Contains("There is no starting model 'starter64'. Did you mean starter-64", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_starting_model_cannot_classify()
    {
        using var start = MsVitStarter.Load("starter-32");
        var rows = _ml.Data.LoadShapeImages(2);
        Assert.Contains("has no head, so it cannot classify", Assert.Throws<InvalidOperationException>(
            () => start.Transform(rows)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => start.SaveAsOnnx(Path.Combine(_folder.Path, "m.onnx")));
    }

    [Fact]
    public void Images_start_from_the_model_that_fits_their_size_and_one_line_says_so()
    {
        using var model = Fit(_ml.Data.LoadShapeImages(20, imageSize: 16), new() { ObserveActivity = false });
        Assert.Equal("starter-32", model.Network.Name);
        Assert.Contains("starting", model.TrainingSummary, StringComparison.Ordinal);
        Assert.Single(_log, line => line.Contains("Starting from starter-32 at 32 x 32; 20 images: ", StringComparison.Ordinal)
            && line.Contains("no part held out; MsVitOptions.FromScratch = true trains from random weights.", StringComparison.Ordinal));
        Assert.Single(_log, line => line.Contains("discriminant of the features of 20 training samples", StringComparison.Ordinal));
    }

    [Fact]
    public void The_median_of_the_shorter_side_decides_which_model_fits()
    {
        Assert.Equal(40, Side(40));
        Assert.Equal(64, Side(64));
        Assert.Equal("starter-32", DefaultStart.For(20, 10, 20, null)!.Network.Name);
        Assert.Equal("starter-64", DefaultStart.For(20, 10, 21, null)!.Network.Name);
        // Of an unknown size.
        Assert.Equal("starter-64", DefaultStart.For(20, 10, null, null)!.Network.Name);

        int? Side(int size) => InputSurvey.Of(_ml.Data.LoadShapeImages(300, imageSize: size), "Label", "Image")!.ShorterSide;
    }

    [Fact]
    public void Rows_without_a_label_and_images_that_cannot_be_read_do_not_count()
    {
        var png = SampleFiles.Png(1, 12, 9);
        FileRow[] rows =
        [
            new() { Label = "a", Image = png }, new() { Label = "b", Image = png }, new() { Label = "", Image = png },
            new() { Label = "b", Image = [1, 2, 3] }, new() { Label = "a", Image = [] },
        ];
        var view = _ml.Data.LoadFromEnumerable(rows);
        Assert.Equal(new(5, 9), InputSurvey.Of(view, "Label", "Image"));
        // A label that the mapping has not seen is missing.
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(_ml.Data.TakeRows(view, 2)).Transform(view);
        Assert.Equal(new(4, 9), InputSurvey.Of(keyed, "Label", "Image"));
    }

    [Fact]
    public void Whoever_names_a_network_a_recipe_or_a_normalization_gets_what_was_named()
    {
        var rows = _ml.Data.LoadShapeImages(20);
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(rows).Transform(rows);
        Assert.NotNull(DefaultStart.For(new(), null, keyed));
        // A teacher is not a recipe.
        var taught = new MsVitOptions();
        taught.AddTeacher();
        Assert.NotNull(DefaultStart.For(taught, null, keyed));
        foreach (var options in new MsVitOptions[]
        {
            new() { Network = MsVitConfig.Preset("laptop-32") }, new() { Recipe = new() }, new() { FromScratch = true },
            new() { Mean = [0, 0, 0], Deviation = [1, 1, 1] }, new() { PixelRange = 1 }, new() { ImageColumnName = "Other" },
            new MsVitOptions().With(KeyValuePair.Create("MaxEpoch", "1")),
        })
        {
            Assert.Null(DefaultStart.For(options, null, keyed));
        }
        // Floats, whose range is not known.
        var dots = DotTask.Data(_ml, 6);
        Assert.Null(DefaultStart.For(new(), null, _ml.Transforms.Conversion.MapValueToKey("Label").Fit(dots).Transform(dots)));
    }

    [Fact]
    public void From_scratch_trains_the_preset_from_random_weights()
    {
        var options = new MsVitOptions { FromScratch = true, Seed = 1, ValidationFraction = 0, ObserveActivity = false };
        options.Progress = report => Assert.DoesNotContain(_log, line => line.Contains("Starting from", StringComparison.Ordinal));
        using var stop = new CancellationTokenSource();
        options.CancellationToken = stop.Token;
        options.Progress += _ => stop.Cancel();
        using var model = Fit(_ml.Data.LoadShapeImages(40), options);
        Assert.Equal("laptop-32", model.Network.Name);
        Assert.Throws<ArgumentException>(() => _ml.MulticlassClassification.Trainers.MsVit(
            new MsVitOptions { FromScratch = true, StartFrom = model }));
    }

    [Fact]
    public void A_model_saved_as_a_starter_gives_the_same_features_to_three_digits_and_the_same_recipe_to_its_user()
    {
        using var trained = Fit(_ml.Data.LoadShapeImages(20), OneEpoch());
        var path = Path.Combine(_folder.Path, "company.safetensors");
        trained.SaveStarter(path);
        using var start = _ml.Model.LoadMsVitWeights(path);
        Assert.Equal(trained.Network with { Classes = 2 }, start.Network);
        Assert.Equal(trained.TrainingSummary, start.TrainingSummary);
        using var scope = torch.NewDisposeScope();
        var theirs = start.Model.Network.state_dict();
        foreach (var (name, value) in trained.Model.Network.state_dict().Where(pair => !NetworkWeights.IsOfHead(pair.Key)))
        {
            Assert.True(torch.allclose(value.to(torch.float32), theirs[name].to(torch.float32), rtol: 1.0 / 256, atol: 1e-6), name);
        }

        using var tuned = Fit(_ml.Data.LoadShapeImages(20), new() { StartFrom = start, ImageFit = ImageFit.Pad, ObserveActivity = false });
        Assert.Contains("recipe starting", tuned.TrainingSummary, StringComparison.Ordinal);
        Assert.Equal(ImageFit.Pad, tuned.Model.Card.Input.Fit);
        Assert.Equal(10, tuned.Labels.Count);
    }

    [Fact]
    public void A_starter_with_weights_missing_or_a_head_too_much_is_refused()
    {
        using var start = MsVitStarter.Load("starter-64");
        var path = Path.Combine(_folder.Path, "m.safetensors");
        start.SaveStarter(path);
        using var file = SafetensorsReader.Read(path);
        var few = file.Tensors.Skip(1).ToDictionary();
        Assert.Contains("1 missing", Refused(few), StringComparison.Ordinal);
        using var weight = torch.zeros([2, 2]);
        Assert.Contains("1 unexpected: head.weight", Refused(file.Tensors.Append(new("head.weight", weight)).ToDictionary()),
            StringComparison.Ordinal);

        string Refused(Dictionary<string, torch.Tensor> tensors)
        {
            var changed = Path.Combine(_folder.Path, "changed.safetensors");
            using (var stream = File.Create(changed))
            {
                SafetensorsWriter.Write(stream, tensors, file.Metadata);
            }
            return Assert.Throws<InvalidDataException>(() => _ml.Model.LoadMsVitWeights(changed)).Message;
        }
    }

    [Fact]
    public void Another_height_and_width_take_the_same_weights()
    {
        using var start = MsVitStarter.Load("starter-64");
        var options = OneEpoch();
        options.StartFrom = start;
        options.Network = start.Network with { Height = 48, Width = 32, Name = "mine" };
        options.Recipe = options.Recipe with { LearningRate = 1e-12, MinLearningRate = 0 };
        using var model = Fit(_ml.Data.LoadShapeImages(20), options);
        Assert.Equal((48, 32, "starter-64"), (model.Network.Height, model.Network.Width, model.Network.Name));
        using var scope = torch.NewDisposeScope();
        var (before, after) = (start.Model.Network.state_dict(), model.Model.Network.state_dict());
        var name = before.Keys.First(key => key.EndsWith("conv.weight", StringComparison.Ordinal));
        Assert.True(torch.allclose(before[name], after[name], atol: 1e-6));
        options.Network = options.Network with { Channels = 1 };
        Assert.Contains("Channels is 1, but 3 in the model", Assert.Throws<ArgumentException>(
            () => _ml.MulticlassClassification.Trainers.MsVit(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_head_that_starts_from_the_discriminant_knows_something_before_the_first_epoch()
    {
        using var start = MsVitStarter.Load("starter-32");
        var (random, discriminant) = (Loss(HeadStart.None), Loss(HeadStart.Discriminant));
        Assert.True(discriminant < random - 0.1, $"{discriminant} with the discriminant, {random} without");

        double Loss(HeadStart head)
        {
            var options = OneEpoch();
            options.StartFrom = start;
            options.Recipe = options.Recipe with { HeadStart = head, LearningRate = 1e-12, MinLearningRate = 0, LabelSmoothing = 0 };
            var rows = _ml.Data.LoadShapeImages(200, seed: 3);
            var keyed = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(rows).Transform(rows);
            using var model = _ml.MulticlassClassification.Trainers.MsVit(options).Fit(keyed);
            return _ml.MulticlassClassification.Evaluate(model.Transform(keyed)).LogLoss;
        }
    }

    // Ten shapes, 20 images of each; 0.605 and 0.73 on 29 November 2026.
    [Theory]
    [InlineData("starter-32", 0.5)]
    [InlineData("starter-64", 0.62)]
    public void The_features_of_a_starting_model_tell_shapes_apart(string name, double least)
    {
        using var start = MsVitStarter.Load(name);
        var options = OneEpoch();
        options.StartFrom = start;
        options.Recipe = options.Recipe with
        {
            HeadStart = HeadStart.Discriminant,
            FrozenStages = 3,
            LearningRate = 1e-12,
            MinLearningRate = 0,
        };
        var rows = _ml.Data.LoadShapeImages(200, seed: 1, imageSize: 64);
        var pipeline = _ml.Transforms.Conversion.MapValueToKey("Label").Append(_ml.MulticlassClassification.Trainers.MsVit(options));
        var model = pipeline.Fit(rows);
        using var network = model.FindMsVit();
        var test = _ml.Data.LoadShapeImages(200, seed: 2, imageSize: 64);
        Assert.InRange(_ml.MulticlassClassification.Evaluate(model.Transform(test)).MicroAccuracy, least, 1);
    }

    [Fact]
    public void A_head_start_without_a_model_to_start_from_is_refused() => Assert.Contains(
        "there are no learned features", Assert.Throws<ArgumentException>(() => _ml.MulticlassClassification.Trainers.MsVit(
            new MsVitOptions { Recipe = new() { HeadStart = HeadStart.Discriminant } })).Message, StringComparison.Ordinal);

    private static MsVitOptions OneEpoch() => new()
    {
        Recipe = new() { MaxEpoch = 1, Images = new() { CropPadding = 0, HorizontalFlip = false } },
        ValidationFraction = 0,
        Seed = 1,
        ObserveActivity = false,
        Device = "cpu",
    };

    private MsVitTransformer Fit(IDataView rows, MsVitOptions options)
    {
        options.Device = "cpu";
        var keyed = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(rows).Transform(rows);
        return _ml.MulticlassClassification.Trainers.MsVit(options).Fit(keyed);
    }

    private sealed class FileRow
    {
        public string Label { get; set; } = "";

        public byte[] Image { get; set; } = [];
    }
}
