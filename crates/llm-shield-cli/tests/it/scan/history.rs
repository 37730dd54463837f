//! Git: the whole history, the commits since another, what is staged, and the hook.

use std::os::unix::fs::PermissionsExt;

use super::*;

/// A repository on branch `main`; nothing when git is missing.
fn repository() -> Option<Folder> {
    let folder = Folder::new(&[]);
    if Command::new("git").arg("--version").output().is_err() {
        eprintln!("skipped: there is no git on this machine");
        return None;
    }
    git(&folder, &["init", "--quiet", "--initial-branch", "main"]);
    Some(folder)
}

/// Runs git without any configuration but this one, and yields what it prints.
#[track_caller]
fn git(folder: &Folder, arguments: &[&str]) -> String {
    let done = git_as_is(folder, arguments);
    assert!(done.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

fn git_as_is(folder: &Folder, arguments: &[&str]) -> std::process::Output {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]);
    command.args(arguments).current_dir(folder.path());
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").output().unwrap()
}

fn commit(folder: &Folder, message: &str) -> String {
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--message", message]);
    git(folder, &["rev-parse", "HEAD"])
}

#[test]
fn history_names_the_first_commit_of_a_finding_once() {
    let Some(folder) = repository() else { return };
    let (one, two, three, four) = (aws_key('A'), aws_key('B'), aws_key('C'), aws_key('D'));
    folder.write("a file.txt", format!("{one}\n"));
    let first = commit(&folder, "one");
    // A second version of the file keeps the key, a third has none.
    folder.write("a file.txt", format!("more\n{one}\n{two}\n"));
    let second = commit(&folder, "two");
    folder.write("a file.txt", "clean\n");
    commit(&folder, "three");
    // On another branch, and in nothing but a merge.
    git(&folder, &["checkout", "--quiet", "-b", "side"]);
    folder.write("side.txt", format!("\n\n{three}\n"));
    let side = commit(&folder, "side");
    git(&folder, &["checkout", "--quiet", "main"]);
    git(&folder, &["merge", "--quiet", "--no-ff", "--no-commit", "side"]);
    folder.write("merged.txt", &four);
    let merge = commit(&folder, "merge");
    fs::remove_file(folder.path().join("merged.txt")).unwrap();
    fs::remove_file(folder.path().join("side.txt")).unwrap();
    let last = commit(&folder, "remove");

    folder.scan(&["."]).check(0, &[]);
    let done = folder.scan(&["--git", "--format", "jsonl", "--show-secrets"]);
    assert_eq!(done.code, 1);
    let found: Vec<_> = done
        .json_lines()
        .iter()
        .map(|finding| {
            let text = |key: &str| finding[key].as_str().unwrap().to_owned();
            assert!(text("date").contains('T'));
            (text("commit"), text("path"), finding["line"].as_u64().unwrap(), text("secret"))
        })
        .collect();
    let row = |commit: &str, path: &str, line, secret: &str| {
        (commit.to_owned(), path.to_owned(), line, secret.to_owned())
    };
    assert_eq!(
        found,
        [
            row(&first, "a file.txt", 1, &one),
            row(&second, "a file.txt", 3, &two),
            row(&side, "side.txt", 3, &three),
            row(&merge, "merged.txt", 1, &four),
        ]
    );
    let done = folder.scan(&["--git", "."]);
    let expected = format!(
        "a file.txt:1:1: aws-access-key-id AKIA… (score 1.00, 20 bytes, checked aws-key-id) in commit {} of ",
        &first[..12]
    );
    assert!(done.out.starts_with(&expected), "{}", done.out);
    folder.scan(&["--git", "-g", "side*"]).check(1, &["side.txt:3:1"]);
    folder.scan(&["--git", "--since", &merge]).check(0, &[]);
    folder
        .scan(&["--git", "--since", &format!("{last}~2"), "-j", "2"])
        .check(1, &["side.txt:3:1", "merged.txt:1:1"]);
    folder.scan(&["--git", "--max-filesize", "21"]).check(1, &["a file.txt:1:1", "merged.txt:1:1"]);
    let log: Value = serde_json::from_str(&folder.scan(&["--git", "--format", "sarif"]).out).unwrap();
    assert_eq!(log["runs"][0]["results"][0]["properties"]["commit"], first.as_str());
}

#[test]
fn packed_repositories_and_bare_ones_are_read_from_elsewhere() {
    let Some(folder) = repository() else { return };
    for number in 0..200 {
        folder.write("data.txt", format!("{}\nversion {number}\n", "filler\n".repeat(number)));
        if number == 100 {
            folder.write("data.txt", format!("{}{}\n", "filler\n".repeat(number), aws_key('R')));
        }
        if number % 10 == 0 {
            commit(&folder, "next");
        }
    }
    git(&folder, &["gc", "--quiet"]);
    let elsewhere = Folder::new(&[]);
    let path = folder.path().to_str().unwrap();
    elsewhere.scan(&["--git", path]).check(1, &["data.txt:101:1"]);
    git(&elsewhere, &["clone", "--quiet", "--bare", path, "bare.git"]);
    elsewhere.scan(&["--git", "bare.git"]).check(1, &["data.txt:101:1"]);
}

#[test]
fn staged_contents_are_scanned_and_not_the_folder() {
    let Some(folder) = repository() else { return };
    folder.write("staged.txt", format!("{}\n", aws_key('A')));
    // Before the first commit too.
    git(&folder, &["add", "staged.txt"]);
    folder.scan(&["--staged"]).check(1, &["staged.txt:1:1"]);
    commit(&folder, "one");
    folder.scan(&["--staged"]).check(0, &[]);
    folder.write("staged.txt", "clean\n");
    folder.write("second.txt", format!("x\n{}\n", aws_key('B')));
    git(&folder, &["add", "--all"]);
    folder.write("second.txt", "cleaned after it was staged\n");
    folder.write("third.txt", aws_key('C'));
    let done = folder.scan(&["--staged", "."]);
    done.check(1, &["second.txt:2:1"]);
    assert!(!done.out.contains("commit"), "{}", done.out);
}

#[test]
fn a_repository_that_is_none_is_an_error() {
    let Some(folder) = repository() else { return };
    let plain = Folder::new(&[("a.txt", "")]);
    for arguments in [&["--git", "."][..], &["--staged", "."]] {
        let done = plain.scan(arguments);
        assert!(done.code == 2 && done.err.contains(".: not a git repository"), "{done:?}");
    }
    // A repository without a commit has nothing to find.
    folder.scan(&["--git"]).check(0, &[]);
    folder.write("a.txt", "text");
    commit(&folder, "one");
    for commit in ["no-such-branch", "--all"] {
        let done = folder.scan(&["--git", &format!("--since={commit}")]);
        let expected = format!("--since {commit}: no such commit");
        assert!(done.code == 2 && done.err.contains(&expected), "{done:?}");
    }
}

#[test]
fn without_git_the_error_says_so() {
    let folder = Folder::new(&[]);
    let done = Command::new(env!("CARGO_BIN_EXE_llm-shield"))
        .args(["scan", "--git", "."])
        .current_dir(folder.path())
        .env("PATH", folder.path())
        .output()
        .unwrap();
    let words = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(2));
    assert!(words.contains("need the command `git`, which is not installed"), "{words}");
}

#[test]
fn the_example_hook_stops_a_commit_that_adds_a_secret() {
    let Some(folder) = repository() else { return };
    let hook = Path::new(env!("CARGO_MANIFEST_DIR")).join("hooks/pre-commit");
    let installed = folder.path().join(".git/hooks/pre-commit");
    fs::create_dir_all(installed.parent().unwrap()).unwrap();
    fs::copy(hook, &installed).unwrap();
    fs::set_permissions(&installed, fs::Permissions::from_mode(0o755)).unwrap();
    let binary = Path::new(env!("CARGO_BIN_EXE_llm-shield")).parent().unwrap().to_owned();
    let path = std::env::join_paths(
        std::iter::once(binary).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    )
    .unwrap();
    let commit = |message: &str| {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "--all"]);
        command.args(["--quiet", "--message", message]).current_dir(folder.path()).env("PATH", &path);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap()
    };
    folder.write("a.txt", "clean\n");
    git(&folder, &["add", "--all"]);
    let done = commit("clean");
    assert!(done.status.success(), "{done:?}");
    folder.write("a.txt", format!("{}\n", aws_key('R')));
    let done = commit("secret");
    assert!(!done.status.success());
    let words = String::from_utf8_lossy(&done.stderr) + String::from_utf8_lossy(&done.stdout);
    assert!(words.contains("a.txt:1:1: aws-access-key-id AKIA…"), "{words}");
    // Accepted in a baseline that lies in the repository, it passes.
    assert_eq!(folder.scan(&["--write-baseline", ".llm-shield-baseline.json", "."]).code, 0);
    let done = commit("known");
    assert!(done.status.success(), "{done:?}");
}
