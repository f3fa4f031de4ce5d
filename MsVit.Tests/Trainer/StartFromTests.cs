using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Trainer;

/// <summary>What contradicts the network of --start-from.</summary>
public sealed class StartFromTests : IClassFixture<StartFromTests.Start>, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Start _start;

    public StartFromTests(Start start) => _start = start;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--preset laptop-32 contradicts: ", "--preset", "laptop-32")]
    [InlineData("EmbedDim is 96, but 32 in the model", "--preset", "tiny-32")]
    [InlineData("--set contradicts: EmbedDim is 64, but 32 in the model", "--set", "EmbedDim=64")]
    [InlineData("TimeSteps is 4, but 1 in the model", "--set", "TimeSteps=4")]
    [InlineData("Depths is [1,1,2], but [1,1] in the model", "--set", "Depths=1,1,2")]
    [InlineData("Neuron is Plif, but Lif in the model", "--set", "Neuron=Plif")]
    [InlineData("Channels is 1, but 3 in the model", "--set", "Channels=1")]
    public void A_network_that_differs_is_refused_with_both_values(string message, params string[] words)
    {
        var (code, _, error) = Train(words);
        Assert.Equal(2, code);
        Assert.Contains($"--start-from {_start.Model} has the network tiny-32, which ", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_folder.Path, "m.zip")));
    }

    [Theory]
    [InlineData]
    [InlineData("--set", "EmbedDim=32")]
    [InlineData("--preset", "tiny-32", "--set", "EmbedDim=32", "--set", "TimeSteps=1", "--set", "Depths=1,1")]
    [InlineData("--set", "BatchSize=8")]
    [InlineData("--set", "Height=64", "--set", "Width=48")]
    public void What_matches_passes_and_the_network_that_is_trained_is_named(params string[] words)
    {
        var (code, _, error) = Train(words);
        Assert.True(code == 0, error);
        Assert.Contains("Training tiny-32 (1 time step, depths [1, 1], 32 channels)", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sweep_over_the_network_of_a_model_is_a_contradiction_of_the_library_too()
    {
        var ml = new MLContext(seed: 1);
        using var start = (IDisposable)ml.Model.Load(_start.Model, out _);
        var options = new MsVitOptions { StartFrom = (ITransformer)start }.With(KeyValuePair.Create("TimeSteps", "4"));
        var error = Assert.Throws<ArgumentException>(() => ml.MulticlassClassification.Trainers.MsVit(options));
        Assert.Contains("Network is laptop-32 and StartFrom has the network tiny-32, which differs: ", error.Message,
            StringComparison.Ordinal);
        Assert.Contains("TimeSteps is 4, but 1 in the model", error.Message, StringComparison.Ordinal);
        var stretched = new MsVitOptions { StartFrom = (ITransformer)start, ImageFit = ImageFit.Stretch };
        Assert.Contains("ImageFit differs from that of StartFrom", Assert.Throws<ArgumentException>(
            () => ml.MulticlassClassification.Trainers.MsVit(stretched)).Message, StringComparison.Ordinal);
        // The default network is not a contradiction.
        Assert.NotNull(ml.MulticlassClassification.Trainers.MsVit(new MsVitOptions { StartFrom = (ITransformer)start }));
    }

    [Fact]
    public void Images_start_from_a_starting_model_unless_a_network_a_recipe_or_random_weights_are_asked_for()
    {
        var (code, _, error) = TrainShapes("--epochs", "2");
        Assert.True(code == 0, error);
        Assert.Contains("Starting from starter-64 at 64 x 64; 40 images: 2 epochs in batches of ", error, StringComparison.Ordinal);
        Assert.Contains("no part held out; --from-scratch trains from random weights.", error, StringComparison.Ordinal);
        Assert.Contains("Training starter-64 (1 time step", error, StringComparison.Ordinal);

        foreach (var words in new string[][] { ["--from-scratch"], ["--recipe", "laptop"], ["--set", "TimeSteps=1"] })
        {
            error = TrainShapes([.. words, "--epochs", "1", "--force"]).Error;
            Assert.DoesNotContain("Starting from", error, StringComparison.Ordinal);
            Assert.Contains("Training laptop-32 (", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_size_the_rates_and_the_held_out_share_can_be_set_beside_a_starting_model()
    {
        var (code, _, error) = TrainShapes("--set", "Height=48", "--set", "Width=48", "--epochs", "1", "--set", "LearningRate=1e-3",
            "--validation-fraction", "0.25", "--max-samples", "30", "--force");
        Assert.True(code == 0, error);
        Assert.Contains("Starting from starter-64 at 48 x 48; 30 images: 1 epoch in batches of 16, learning rate 0.001, no stage frozen, "
            + "25% of each class held out; ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_exported_as_a_starter_is_started_from_by_its_file()
    {
        var starter = Path.Combine(_folder.Path, "company.safetensors");
        Assert.Equal(0, Cli.Run("export", "--model", _start.Model, "--format", "Starter", "--output", starter).Code);
        var (code, _, error) = TrainShapes("--start-from", starter, "--epochs", "1");
        Assert.True(code == 0, error);
        Assert.Contains($"Starting from {starter} at 32 x 32; 40 images: 1 epoch", error, StringComparison.Ordinal);
        Assert.DoesNotContain("--from-scratch", error, StringComparison.Ordinal);
        Assert.Contains("Training tiny-32 (1 time step, depths [1, 1], 32 channels)", error, StringComparison.Ordinal);
        var imported = Cli.Run("import", "--weights", starter, "--output", Path.Combine(_folder.Path, "i.zip"));
        Assert.Contains("a model to start from, without a head", imported.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Did you mean starter-64", "--start-from", "starter-65")]
    [InlineData("Use either --from-scratch or --start-from", "--start-from", "starter-64", "--from-scratch")]
    public void A_start_that_does_not_exist_or_contradicts_is_refused(string message, params string[] words)
    {
        var (code, _, error) = TrainShapes(words);
        Assert.Equal(2, code);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    private (int Code, string Output, string Error) TrainShapes(params string[] words) => Cli.Run(
        ["train", "--data", "shapes:40", "--device", "cpu", "--output", Path.Combine(_folder.Path, "s.zip"), .. words]);

    private (int Code, string Output, string Error) Train(string[] words) => Cli.Run(["train", "--data", "shapes:40", "--start-from",
        _start.Model, "--epochs", "1", "--device", "cpu", "--output", Path.Combine(_folder.Path, "m.zip"), .. words]);

    /// <summary>A model to start from.</summary>
    public sealed class Start : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Start()
        {
            Model = Path.Combine(_folder.Path, "start.zip");
            var (code, _, error) = Cli.Run("train", "--data", "shapes:40", "--epochs", "1", "--device", "cpu", "--preset", "tiny-32",
                "--set", "EmbedDim=32", "--set", "TimeSteps=1", "--set", "Depths=1,1", "--output", Model);
            Assert.True(code == 0, error);
        }

        public string Model { get; }

        public void Dispose() => _folder.Dispose();
    }
}
