using MsVit.Trainer;
using MsVit.Trainer.Runs;

namespace MsVit.Tests.Trainer;

public sealed class ExportEndingsTests
{
    [Theory]
    [InlineData("m.onnx", null, ExportFormat.Onnx)]
    [InlineData("m.ONNX", null, ExportFormat.Onnx)]
    [InlineData("folder.md/m.int8.onnx", null, ExportFormat.Onnx)]
    [InlineData("m.safetensors", null, ExportFormat.Safetensors)]
    [InlineData("m.md", null, ExportFormat.Card)]
    [InlineData("README.Markdown", null, ExportFormat.Card)]
    [InlineData("m.safetensors", ExportFormat.Safetensors, ExportFormat.Safetensors)]
    [InlineData("m.safetensors", ExportFormat.Starter, ExportFormat.Starter)]
    [InlineData("MODEL_CARD", ExportFormat.Card, ExportFormat.Card)]
    [InlineData("weights.bin", ExportFormat.Safetensors, ExportFormat.Safetensors)]
    public void The_ending_decides_and_the_option_speaks_where_the_ending_does_not(string path, object? given, object expected) =>
        Assert.Equal((ExportFormat)expected, ExportEndings.Format(path, (ExportFormat?)given));

    [Theory]
    [InlineData("m.onnx", ExportFormat.Safetensors, "ends in .onnx, which is Onnx, but --format is Safetensors")]
    [InlineData("m.safetensors", ExportFormat.Onnx, "ends in .safetensors, which is Safetensors, but --format is Onnx")]
    [InlineData("m.md", ExportFormat.Onnx, "ends in .md, which is Card, but --format is Onnx")]
    [InlineData("m.zip", null, "does not say what to write: expected an ending of .onnx, .safetensors, .md, .markdown, or --format")]
    [InlineData("model", null, "does not say what to write")]
    [InlineData("m.pth", null, "does not say what to write")]
    [InlineData("onnx", null, "does not say what to write")]
    public void A_contradiction_or_an_unknown_ending_is_refused(string path, object? given, string message) =>
        Assert.Contains(message, Assert.Throws<UsageException>(() => ExportEndings.Format(path, (ExportFormat?)given)).Message,
            StringComparison.Ordinal);
}
