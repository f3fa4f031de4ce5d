using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using MsVit.Tests.Hosting;
using MsVit.Tests.Support;

namespace MsVit.Tests.Documents;

/// <summary>The applications of the documents, each as it is pasted into Program.cs of an empty web project, serve a model.</summary>
public sealed class HostingProgramTests(ServedDots dots) : IClassFixture<ServedDots>, IDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("README.md", "shapes.zip", "classify")]
    [InlineData("docs/hosting.md", "flowers.zip", "predict")]
    public async Task An_image_is_answered_with_json_and_a_text_with_a_problem(string document, string model, string route)
    {
        using var process = Start(document, model);
        using var client = new HttpClient { BaseAddress = await Address(process) };
        try
        {
            using var good = await Post(client, route, dots.Images[0]);
            Assert.Equal(HttpStatusCode.OK, good.StatusCode);
            var answer = await good.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal(dots.Expected[0].Max(), answer.GetProperty("probability").GetSingle(), 1e-5f);
            Assert.Equal(answer.GetProperty("label").GetString(), answer.GetProperty("top")[0].GetProperty("label").GetString());

            foreach (var bad in new[] { "not an image"u8.ToArray(), [], new byte[1000], dots.Images[0][..^30] })
            {
                using var refused = await Post(client, route, bad);
                Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
                Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
                var problem = await refused.Content.ReadFromJsonAsync<JsonElement>();
                Assert.StartsWith("The image", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
            }
        }
        finally
        {
            await End(process);
        }
    }

    [Fact]
    public async Task The_guides_application_answers_on_health_and_describes_its_model()
    {
        using var process = Start("docs/hosting.md", "flowers.zip");
        using var client = new HttpClient { BaseAddress = await Address(process) };
        try
        {
            Assert.Equal("Healthy", await client.GetStringAsync("health"));
            var model = await client.GetFromJsonAsync<JsonElement>("model");
            Assert.Equal(3, model.GetProperty("labels").GetArrayLength());
        }
        finally
        {
            await End(process);
        }
    }

    private System.Diagnostics.Process Start(string document, string model)
    {
        var block = Document.Named(document).Blocks.Single(block =>
            block.Language == "csharp" && block.Lines.Any(line => line.Contains("WebApplication.CreateBuilder", StringComparison.Ordinal)));
        var program = Path.Combine(_folder.Path, "Program.dll");
        DocumentProgram.Write(program, [block], text => text);
        File.Copy(dots.First, Path.Combine(_folder.Path, model));
        // A free port. A project has such a file, too.
        File.WriteAllText(Path.Combine(_folder.Path, "appsettings.json"), """{ "Urls": "http://127.0.0.1:0" }""");
        return FreshProcess.StartIn(_folder.Path, FreshProcess.ProgramVerb, program);
    }

    private static async Task<Uri> Address(System.Diagnostics.Process process)
    {
        var error = process.StandardError.ReadToEndAsync();
        var said = "";
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains(Listening, StringComparison.Ordinal))
            {
                _ = process.StandardOutput.ReadToEndAsync();
                return new(line[(line.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..].Trim());
            }
            said += line + "\n";
        }
        throw new InvalidOperationException($"The application ended: {said}{await error}");
    }

    private static async Task<HttpResponseMessage> Post(HttpClient client, string route, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        return await client.PostAsync(new Uri(route, UriKind.Relative), content);
    }

    private static async Task End(System.Diagnostics.Process process)
    {
        process.Kill();
        await process.WaitForExitAsync();
    }
}
