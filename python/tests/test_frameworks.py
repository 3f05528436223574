from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fluorite.chunk import Chunk
from fluorite.framework_names import NAMES_FILE
from fluorite.frameworks import (
    canonical_framework,
    framework_key,
    frameworks_in_imports,
    frameworks_in_manifest,
    frameworks_in_text,
    frameworks_of_chunk,
    given_names,
)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Next.js", "nextjs"),
        ("next", "nextjs"),
        ("NEXTJS", "nextjs"),
        ("ＮＥＸＴ．ＪＳ", "nextjs"),
        ("ネクスト", "nextjs"),
        ("next@14", "nextjs"),
        ("React Native", "react-native"),
        ("リアクト・ネイティブ", "react-native"),
        ("Vue 3", "vue"),
        ("Laravel 11", "laravel"),
        ("ララベル", "laravel"),
        ("Hono.js", "hono"),
        ("C#", "csharp"),
        ("c++", "cpp"),
        (".NET", "dotnet"),
        ("ASP.NET Core", "aspnet"),
        ("k8s", "kubernetes"),
        ("shadcn/ui", "shadcn"),
        ("@nestjs/core", "nestjs"),
        ("go", "go"),
        ("Hono フレームワーク", "hono"),
    ],
)
def test_a_framework_has_one_name_however_it_is_written(written: str, name: str) -> None:
    assert canonical_framework(written) == name


def test_what_is_no_framework_has_no_canonical_name() -> None:
    for word in ("", "security", "auth", "acme-billing", "認証", "!!", "x" * 10_000):
        assert canonical_framework(word) is None


def test_version_numbers_that_belong_to_a_name_stay() -> None:
    assert canonical_framework("neo4j") == "neo4j"
    assert canonical_framework("s3") == "s3"
    assert canonical_framework("k6") == "k6"
    assert canonical_framework("auth0") == "auth0"


def test_prose_names_frameworks_but_not_by_common_words() -> None:
    told = "Go to the next page, express yourself in spring and echo a solid line of passport remix."
    assert frameworks_in_text(told) == ["remix"]
    told = "Next.js + Hono, then React Native; Ruby on Railsとネクストの連携。Vue 3。"
    assert frameworks_in_text(told) == ["nextjs", "hono", "react-native", "rails", "vue"]


def test_no_name_is_given_twice_and_every_line_is_well_formed() -> None:
    seen = set[str]()
    for line in NAMES_FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, title, kind, _, packages = line.split("\t")
        name = name.removesuffix("?")
        assert name not in seen and title and kind
        assert canonical_framework(name) == name and canonical_framework(title) is not None
        assert all(":" in package for package in packages.split())
        seen.add(name)


def test_packages_belong_to_the_framework_with_the_longest_name_in_common() -> None:
    names = given_names()
    assert names.of_package("npm:@aws-sdk/client-s3") == "s3"
    assert names.of_package("npm:@aws-sdk/client-unheard-of") == "aws"
    assert names.of_package("npm:next/server") == "nextjs"
    assert names.of_package("npm:nextra") is None
    assert names.of_package("go:github.com/gofiber/fiber/v2/middleware") == "fiber"
    assert names.of_package("pip:rest_framework") == "drf"
    assert names.of_package("php:Laravel\\Sanctum\\HasApiTokens") == "sanctum"


@pytest.mark.parametrize(
    ("language", "code", "found"),
    [
        ("ts", "import { Hono } from 'hono';\nimport './x';\nimport fs from 'node:fs';", ["hono"]),
        ("tsx", "import type { NextPage } from \"next\";\nconst z = await import('zod');", ["nextjs", "zod"]),
        ("js", "const { PrismaClient } = require('@prisma/client');", ["prisma"]),
        ("python", "import os, fastapi as f\nfrom sqlalchemy.orm import Session", ["fastapi", "sqlalchemy"]),
        ("go", 'import (\n\t"net/http"\n\tchi "github.com/go-chi/chi/v5"\n)', ["chi"]),
        ("rs", "use actix_web::{get, App};\nuse std::fmt;\n#[tokio::main]", ["actix", "tokio"]),
        ("php", "<?php\nuse Illuminate\\Support\\Facades\\Route;", ["laravel"]),
        ("java", "import org.springframework.web.bind.annotation.*;", ["spring"]),
        ("kt", "import io.ktor.server.application.*", ["ktor"]),
        ("cs", "using Microsoft.EntityFrameworkCore;", ["efcore"]),
        ("rb", "require 'sinatra'", ["sinatra"]),
    ],
)
def test_imports_tell_frameworks(language: str, code: str, found: list[str]) -> None:
    assert frameworks_in_imports(code, language) == found


def test_imports_of_an_unnamed_language_are_known_by_their_form() -> None:
    assert frameworks_in_imports("from fastapi import FastAPI") == ["fastapi"]
    assert frameworks_in_imports("import express from 'express'") == ["express"]
    assert frameworks_in_imports("express the next step from spring to go") == []
    assert frameworks_in_imports("import express from 'express'", "cobol") == []


@pytest.mark.parametrize(
    ("file", "text", "found"),
    [
        (
            "{{app_name}}/package.json",
            '{\\n "name": "next", "dependencies": { "next": "latest", "react": "^19" } }',
            ["nextjs", "react"],
        ),
        ("requirements-dev.txt", "fastapi[all]>=0.1 # x\npytest\nunheard==1", ["fastapi", "pytest"]),
        ("pyproject.toml", '[project]\ndependencies = ["django>=5", "celery[redis]"]', ["django", "celery"]),
        ("composer.json", '{"require": {"laravel/framework": "^11.0"}}', ["laravel"]),
        ("go.mod", "module x\nrequire github.com/gin-gonic/gin v1.9.1", ["gin"]),
        ("Cargo.toml", '[dependencies]\naxum = "0.7"\ntokio = { version = "1" }', ["axum", "tokio"]),
        ("Gemfile", "gem 'rails', '~> 7'", ["rails"]),
        ("docker-compose.yml", "services:\n  db:\n    image: postgres:16", ["postgres"]),
        ("notes.json", '{"next": "latest"}', []),
    ],
)
def test_manifests_tell_frameworks(file: str, text: str, found: list[str]) -> None:
    assert frameworks_in_manifest(file, text) == found


def test_a_chunk_is_about_its_stack_its_tags_and_what_it_imports() -> None:
    chunk = Chunk(
        "a#src/app.ts",
        "import { z } from 'zod';\nimport { serve } from '@hono/node-server';",
        chunk_type="template-file",
        frameworks=("Next.js", "ts", "acme_sdk", "security"),
        tags=("k8s", "express", "crud"),
        metadata={"path": "src/app.ts"},
    )
    # "express" as a tag may be a way of shipping, and "security" is a topic wherever it stands.
    assert frameworks_of_chunk(chunk) == ("nextjs", "typescript", "acme-sdk", "kubernetes", "zod", "hono")


def test_descriptions_and_bytes_are_not_searched_for_imports() -> None:
    told = "import x from 'zod'"
    assert frameworks_of_chunk(Chunk("a", told, chunk_type="template")) == ()
    assert frameworks_of_chunk(Chunk("a", told.encode())) == ()
    assert frameworks_of_chunk(Chunk("a", told)) == ("zod",)
    assert frameworks_of_chunk(Chunk("a", told, metadata={"path": "a.md"})) == ()


def test_labels_of_a_memory_that_differ_in_punctuation_or_js_become_one_name() -> None:
    names = given_names().learned(
        ["Acme.js", "acme", "acme", "ACME", "Foo Bar", "foo-bar", "Next.js", "auth"]
    )
    assert {names.canonical(label) for label in ("acme", "Acme.js", "ACME", "acmejs", "acme 2")} == {"acme"}
    assert names.canonical("FooBar") == "foo-bar"
    assert names.canonical("next") == "nextjs" and names.canonical("auth") is None
    assert given_names().canonical("acme") is None
    assert names.is_framework("acme") and not names.is_framework("typescript")


@given(st.text(max_size=60))
def test_any_text_is_a_key_and_a_question(text: str) -> None:
    assert framework_key(framework_key(text)) == framework_key(text)
    known = canonical_framework(text)
    assert known is None or known in given_names().frameworks
    frameworks_in_text(text)
    frameworks_in_imports(text)
    for file in ("package.json", "pyproject.toml", "pom.xml", "Dockerfile", "build.gradle.kts"):
        frameworks_in_manifest(file, text)
